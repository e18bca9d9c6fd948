//! Makes sure that there is a console folder to embed.
//!
//! npm is never run from here: `make console` builds the pages. Without them
//! the program still compiles and serves a page that says so.

use std::path::Path;

const PLACEHOLDER: &str = "<!doctype html>
<html lang=\"zh-CN\">
  <head><meta charset=\"utf-8\" /><title>Teller</title></head>
  <body>
    <p>页面尚未构建：请运行 <code>make console</code>，再重新编译。</p>
    <p>The pages are not built yet: run <code>make console</code> and build again.</p>
  </body>
</html>
";

fn main() {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/dist");
    println!("cargo::rerun-if-changed={}", dist.display());
    let index = dist.join("index.html");
    if index.exists() {
        return;
    }
    let made = std::fs::create_dir_all(&dist).and_then(|()| std::fs::write(&index, PLACEHOLDER));
    if let Err(error) = made {
        println!("cargo::error={} cannot be written: {error}", index.display());
    }
}
