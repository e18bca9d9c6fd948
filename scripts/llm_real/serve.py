"""Serves a GGUF by llama.cpp's own HTTP server; writes its address to a file."""

import sys
import threading

import xllamacpp

model, ready = sys.argv[1:]
params = xllamacpp.CommonParams()
params.model.path = model
params.n_ctx = 4096
params.n_parallel = 1
params.cpuparams.n_threads = 2
params.cpuparams_batch.n_threads = 2
params.port = 0
server = xllamacpp.Server(params)
with open(ready, "w") as file:
    file.write(server.listening_address)
threading.Event().wait()
