"""Shuffle rows: inputs and targets together, before they are split and in every epoch."""

from collections.abc import Iterator

import libcst as cst

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._feeds import Feed, inputs, insertion, targets
from netsitter.treat.source._training import Training

KNOB = Knob.DATA
CURES = (
    "unshuffled-data",
    "labels-misaligned",
    "drift",
    "validation-leak",
    "overfitting",
    "worse-than-baseline",
)
EXAMPLES = (
    (
        "unshuffled-data",
        "from torch.utils.data import DataLoader\nloader = DataLoader(data, batch_size=8)\n"
        "for x, y in loader:\n    f(net(x), y).backward()\n",
        "from torch.utils.data import DataLoader\n"
        "loader = DataLoader(data, batch_size=8, shuffle=True)\nfor x, y in loader:\n"
        "    f(net(x), y).backward()\n",
    ),
    (
        "labels-misaligned",
        "import numpy as np\nnp.random.shuffle(X)\n",
        "import numpy as np\norder = np.random.permutation(len(X))\nX, y = X[order], y[order]\n",
    ),
    (
        "labels-misaligned",
        "order = rng.permutation(9)\nX, y = X[order], y[rng.permutation(9)]\n",
        "order = rng.permutation(9)\nX, y = X[order], y[order]\n",
    ),
)


def changes(source: Training, case: Case) -> Iterator[Change]:
    if case.illness == "labels-misaligned":
        yield from _together(source)
        return
    if case.illness == "unshuffled-data":
        yield from _loaders(source)
    if case.illness in ("unshuffled-data", "drift", "overfitting", "worse-than-baseline"):
        yield from _before_split(source)


def _loaders(source: Training) -> Iterator[Change]:
    edits = []
    for call in source.calls("torch.utils.data.DataLoader"):
        given = source.argument(call, "shuffle", 2)
        if source.argument(call, "sampler") is None and (
            given is None or source.code(given.value) == "False"
        ):
            edits.append(source.set_argument(call, "shuffle", "True", 2))
    for edit in edits[:1]:
        yield Change(name="shuffle-rows", text="Shuffle the training rows: shuffle=True.", edits=(edit,))


def _before_split(source: Training) -> Iterator[Change]:
    """One permutation for inputs and targets, where they have just been made and not been cut yet."""
    text = "Shuffle the rows, inputs and targets together, before they are split."
    for call in source.calls(
        "sklearn.model_selection.train_test_split", "sklearn.model_selection._split.train_test_split"
    ):
        given = source.argument(call, "shuffle")
        if given is not None and source.code(given.value) == "False":
            yield Change(name="shuffle-before-split", text=text, edits=(source.replace(given.value, "True"),))
    for x, y in _pairs(source):
        place = insertion(source, [x, y])
        if place is not None:
            name = source.fresh("order")
            draw = f"{name} = {source.spell('torch.randperm')}(len({x.name}))"
            lines = [draw, f"{x.name}, {y.name} = {x.name}[{name}], {y.name}[{name}]"]
            yield Change(name="shuffle-before-split", text=text, edits=(source.after(place, *lines),))


def _pairs(source: Training) -> Iterator[tuple[Feed, Feed]]:
    """What inputs and targets are cut from, followed back through slices: ``x_train = x[:split]``."""
    for x in inputs(source)[:1]:
        for y in targets(source)[:1]:
            roots = [_uncut(source, feed) for feed in (x, y)]
            if roots[0] is not None and roots[1] is not None and roots[0].name != roots[1].name:
                yield roots[0], roots[1]


def _uncut(source: Training, feed: Feed) -> Feed | None:
    for _ in range(4):
        value = next((v for s, v in source.assigned(feed.name) if s is feed.statement), None)
        cut = (
            next((c for c in source.inside(value, cst.Subscript) if isinstance(c.value, cst.Name)), None)
            if value is not None
            else None
        )
        if cut is None or not isinstance(cut.slice[0].slice, cst.Slice):
            return feed
        name = source.code(cut.value)
        made = [s for s, _ in source.assigned(name) if source.line(s) < source.line(cut)]
        if not made:
            return None
        feed = Feed(name=name, rows=name, statement=made[-1])
    return feed


def _together(source: Training) -> Iterator[Change]:
    """One order for both: a shuffle of the inputs alone, two shuffles, or two loaders."""
    shuffles = [
        c
        for c in source.all(cst.Call)
        if source.called(c) == "shuffle" and len(c.args) == 1 and isinstance(c.args[0].value, cst.Name)
    ]
    names = [source.code(c.args[0].value) for c in shuffles]
    partner = _partner(source, names[0]) if names else ""
    statements = [source.statement(c) for c in shuffles]
    if names and partner and all(s is not None for s in statements):
        draw = f"{source.code(shuffles[0].func).rpartition('.')[0]}.permutation(len({names[0]}))"
        order, both = source.fresh("order"), f"{names[0]}, {partner}"
        edits = [
            source.replace(statements[0], f"{order} = {draw}"),
            source.after(statements[0], f"{both} = {names[0]}[{order}], {partner}[{order}]"),
        ]
        edits += [source.remove(s) for s, n in zip(statements[1:], names[1:], strict=True) if n == partner]
        yield Change(
            name="align-labels", text="Shuffle inputs and labels by one permutation.", edits=tuple(edits)
        )
    yield from _one_permutation(source)
    yield from _drawn_again(source)
    yield from _one_loader(source)


def _partner(source: Training, name: str) -> str:
    """The variable made in the same statement: ``X, y = load()``."""
    for node in source.all(cst.Assign):
        for target in node.targets:
            if isinstance(target.target, cst.Tuple):
                made = [source.code(e.value) for e in target.target.elements]
                if name in made and len(made) == 2:
                    return next(n for n in made if n != name)
    return "y" if name == "X" else ""


def _one_permutation(source: Training) -> Iterator[Change]:
    """``x[randperm(n)]`` and ``y[randperm(n)]`` drawn apart: draw once."""
    drawn = [c for c in source.all(cst.Call) if source.called(c) in ("randperm", "permutation")]
    used = [
        c
        for c in drawn
        if isinstance(source.parent(source.parent(source.parent(c) or c) or c), cst.Subscript)
    ]
    if len(used) >= 2:
        first, second = used[:2]
        at = source.statement(first)
        if at is not None:
            order = source.fresh("order")
            edits = (
                source.before(at, f"{order} = {source.code(first)}"),
                source.replace(first, order),
                source.replace(second, order),
            )
            yield Change(
                name="align-labels", text="Shuffle inputs and labels by one permutation.", edits=edits
            )


def _drawn_again(source: Training) -> Iterator[Change]:
    """``x[order], y[permutation(n)]``: the order that is there already, for both."""
    for pair in source.all(cst.Tuple):
        cuts = [one.value for one in pair.elements if isinstance(one.value, cst.Subscript)]
        if len(cuts) != 2 or len(pair.elements) != 2:
            continue
        at = [source.code(cut.slice[0]) for cut in cuts]
        drawn = ["permutation(" in said or "randperm(" in said for said in at]
        if drawn in ([True, False], [False, True]):
            order = at[drawn.index(False)]
            yield Change(
                name="align-labels",
                text="Shuffle inputs and labels by one permutation.",
                edits=(source.replace(cuts[drawn.index(True)].slice[0], order),),
            )


def _one_loader(source: Training) -> Iterator[Change]:
    """``zip(x_loader, y_loader)``: one loader of pairs."""
    for call in source.all(cst.Call):
        if source.code(call.func) != "zip" or len(call.args) != 2:
            continue
        made = [source.assigned(source.code(a.value)) for a in call.args]
        if all(
            len(m) == 1 and isinstance(m[0][1], cst.Call) and "DataLoader" in source.name(m[0][1])
            for m in made
        ):
            x, y = (m[0][1] for m in made)
            assert isinstance(x, cst.Call)
            assert isinstance(y, cst.Call)
            both = ", ".join(source.code(loader.args[0].value) for loader in (x, y))
            pair = f"{source.spell('torch.utils.data.TensorDataset')}({both})"
            edits = (
                source.replace(x.args[0].value, pair),
                source.replace(call, source.code(call.args[0].value)),
            )
            yield Change(name="align-labels", text="Draw inputs and labels from one loader.", edits=edits)
