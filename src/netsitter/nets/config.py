"""What a network for a table looks like: settings only, no torch."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Norm = Literal["none", "batch-before", "batch-after", "layer"]
NumericEmbedding = Literal["none", "pbld", "periodic", "piecewise-linear"]


class NetConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The architecture and how its weights start. ``describe_fields`` lists what each field is.

    48 bins and 12 features a column are near the defaults of TabM (Gorishniy et al. 2025: 48 and 16).
    """

    width: Annotated[int, Meta(ge=1, description="units of every hidden layer")] = 256
    depth: Annotated[int, Meta(ge=0, description="number of hidden layers; 0 is a linear model")] = 3
    hidden: Annotated[
        tuple[Annotated[int, Meta(ge=1)], ...],
        Meta(description="units of each hidden layer; replaces width and depth when not empty"),
    ] = ()
    activation: Annotated[str, Meta(description="a name of netsitter.nets.activations")] = "silu"
    norm: Annotated[
        Norm, Meta(description="batch norm before or after the activation, layer norm, or none")
    ] = "none"
    dropout: Annotated[
        float, Meta(ge=0, lt=1, description="probability that a hidden unit is zeroed in training")
    ] = 0.0
    residual: Annotated[bool, Meta(description="add a block's input to its output where widths agree")] = (
        False
    )
    init: Annotated[str, Meta(description="a name of netsitter.nets.initializers")] = "he"
    output_scale: Annotated[
        float,
        Meta(
            ge=0,
            description="factor on the output layer's first weights; small: the first loss is theory's",
        ),
    ] = 0.1
    scaling: Annotated[
        bool, Meta(description="a learned factor for every input, which lets the net pick its columns")
    ] = True
    weight_norm: Annotated[bool, Meta(description="centred weight normalisation of the hidden layers")] = (
        False
    )
    numeric_embedding: Annotated[
        NumericEmbedding,
        Meta(description="what continuous numbers are expanded to beside themselves"),
    ] = "none"
    numeric_embedding_size: Annotated[
        int, Meta(ge=1, description="learned features of every continuous column")
    ] = 12
    frequencies: Annotated[int, Meta(ge=1, description="waves of every column: pbld, periodic")] = 16
    frequency_scale: Annotated[
        float, Meta(gt=0, description="standard deviation of the first frequencies: pbld, periodic")
    ] = 0.1
    bins: Annotated[int, Meta(ge=2, description="quantile bins of every column: piecewise-linear")] = 48
    embedding_size: Annotated[
        int,
        Meta(ge=0, description="size of a category's embedding; 0 is 1.6 n^0.56, 64 at most"),
    ] = 8

    @property
    def widths(self) -> tuple[int, ...]:
        """Units of each hidden layer, first to last."""
        return self.hidden or (self.width,) * self.depth


def describe_fields(struct: type[msgspec.Struct] = NetConfig) -> dict[str, str]:
    """Field name → what it is, for help texts and documentation."""
    info = msgspec.inspect.type_info(struct)
    assert isinstance(info, msgspec.inspect.StructType)
    schemas = {
        field.name: (field.type.extra_json_schema or {})
        for field in info.fields
        if isinstance(field.type, msgspec.inspect.Metadata)
    }
    return {name: str(schema.get("description", "")) for name, schema in schemas.items()}
