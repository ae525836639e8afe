"""A network as bytes and a description: safetensors and JSON, nothing that could run code."""

from typing import Any

import msgspec
from safetensors import SafetensorError
from safetensors.torch import load, save

from netsitter.errors import DataError
from netsitter.nets.blocks import TableNet
from netsitter.nets.config import NetConfig
from netsitter.nets.normalization import centre_weights


def describe_network(net: TableNet) -> dict[str, Any]:
    """What it takes to build the network again, as JSON values."""
    return {
        "config": msgspec.to_builtins(net.config),
        "n_numeric": net.n_numeric,
        "is_continuous": list(net.is_continuous),
        "cardinalities": list(net.cardinalities),
        "n_outputs": net.n_outputs,
    }


def save_weights(net: TableNet) -> bytes:
    """Every parameter and persistent buffer, in the safetensors format, as on the CPU."""
    return save({name: tensor.detach().cpu().contiguous() for name, tensor in net.state_dict().items()})


def load_network(description: dict[str, Any], weights: bytes) -> TableNet:
    """The network in evaluation mode, on the CPU. Raises DataError if the two do not fit together."""
    try:
        fields = dict(description)
        config = msgspec.convert(fields.pop("config"), NetConfig)
        net = TableNet(config, **fields)
        if config.weight_norm:
            centre_weights(net.blocks)
        net.load_state_dict(load(weights))
    except (msgspec.ValidationError, SafetensorError, KeyError, TypeError, RuntimeError) as error:
        reason = str(error).partition("\n")[0]
        raise DataError(f"the saved network cannot be read: {reason}") from None
    return net.eval()
