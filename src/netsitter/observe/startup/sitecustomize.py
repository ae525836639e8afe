"""What Python runs at the start of each process that a watched program starts, and nothing else does.

`netsitter run` puts this folder on PYTHONPATH. Nothing happens here until the process has imported torch and
made an optimiser: processes that load data or do other work stay as they are. A sitecustomize that this one
stands in front of is run as it would be.
"""

import importlib
import importlib.util
import json
import os
import sys


def _step_aside():
    here = os.path.dirname(__file__)  # noqa: PTH120 (pathlib takes time to import, in each process)
    sys.path[:] = [place for place in sys.path if place != here]
    ours = sys.modules.pop("sitecustomize")
    try:
        importlib.import_module("sitecustomize")
    except ImportError:
        sys.modules["sitecustomize"] = ours


class _AfterTorch:
    """Waits for torch to be imported."""

    def find_spec(self, name, path=None, target=None):
        if name != "torch":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            load = spec.loader.exec_module

            def exec_module(module):
                load(module)
                _wait_for_optimizer(module)

            spec.loader.exec_module = exec_module
        return spec


def _wait_for_optimizer(torch):
    optimizer = torch.optim.Optimizer
    plain = optimizer.__init__

    def __init__(self, *args, **kwargs):  # noqa: N807
        optimizer.__init__ = plain
        try:
            if importlib.util.find_spec("netsitter") is None:
                sys.path.append(json.loads(os.environ["NETSITTER_CHILDREN"])["package"])
            from netsitter.observe.children import join_in

            join_in()
        except Exception as error:
            print(f"netsitter: this process is not watched: {error}", file=sys.stderr)
        optimizer.__init__(self, *args, **kwargs)

    optimizer.__init__ = __init__


_step_aside()
if os.environ.get("NETSITTER_CHILDREN"):
    sys.meta_path.insert(0, _AfterTorch())
