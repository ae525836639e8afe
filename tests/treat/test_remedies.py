"""One contract over every remedy: a whole manual, no broken program, and an undo that leaves no trace."""

import random

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader

from netsitter.observe.training import held
from netsitter.rules import all_rules
from netsitter.treat.act import Act
from netsitter.treat.apply import apply
from netsitter.treat.patient import Patient
from netsitter.treat.prescription import Dose
from netsitter.treat.remedies import HEADINGS, all_remedies
from tests.treat.wards import WARDS

REMEDIES = all_remedies()
LATER = {"steps": 20}
"""Settings that have no sensible default."""
OTHER_BATCHES = (
    "train-longer",
    "larger-batch",
    "drop-last",
    "smaller-network",
    "more-capacity",
    "call-train",
)
"""These draw more or less chance where dropout or a loader does: on other batches, or in another width."""


def dose(name: str) -> Dose:
    return Dose(name=name, settings=LATER if name == "anneal" else {})


def torch_as_it_is() -> tuple:
    """The places of torch that remedies replace."""
    clips = nn.utils.clip_grad_norm_, nn.utils.clip_grad_value_, nn.utils.clip_grad.clip_grad_norm_
    return (
        *clips,
        DataLoader.__iter__,
        DataLoader.__init__,
        nn.Module.__init__,
        nn.Module.__call__,
        torch.get_num_threads(),
    )


def state_of(patient: Patient) -> dict:
    """Everything that an undo must restore, as plain data or bits."""
    roots = patient.anatomy.live_roots()
    modules = [(path, m) for root in roots for path, m in root.named_modules()]
    tensors = [t for root in roots for t in (*root.parameters(), *root.buffers())]
    tensors += [p for o in patient.optimizers() for p in held(o)]
    return {
        "weights": [(id(t), t.shape, t.detach().numpy().tobytes(), t.requires_grad) for t in tensors],
        "modes": [(path, m.training, type(m).__name__) for path, m in modules],
        "hooks": {p: [len(m._forward_hooks), len(m._forward_pre_hooks)] for p, m in modules},
        "widths": [(p, m.in_features, m.out_features) for p, m in modules if isinstance(m, nn.Linear)],
        "groups": [
            [{**g, "params": list(map(id, g["params"]))} for g in o.param_groups]
            for o in patient.optimizers()
        ],
        "state": [
            {id(p): {k: str(v) for k, v in s.items()} for p, s in o.state.items()}
            for o in patient.optimizers()
        ],
        "chance": (torch.get_rng_state().numpy().tobytes(), str(np.random.get_state()), random.getstate()),
        "torch": torch_as_it_is(),
    }


def test_there_is_one_for_every_remedy_that_rules_say_can_be_applied():
    settings: dict[str, set[str]] = {}
    for rule in all_rules():
        for case in rule.cases():
            for finding in rule.check(case.run) if case.is_sick and not rule.missing(case.run) else ():
                for remedy in finding.remedies:
                    if remedy.safety != "advice":
                        settings.setdefault(remedy.name, set()).update(remedy.settings)
    table_only = {"drop-column"}
    speed_only = {"more-workers"}
    assert settings.keys() - REMEDIES.keys() <= table_only | speed_only


@pytest.mark.parametrize("name", REMEDIES)
def test_the_manual_is_whole(name):
    entry = REMEDIES[name]
    assert tuple(entry.sections()) == HEADINGS
    assert all(len(body) > 10 for body in entry.sections().values())
    assert not entry.manual().startswith("#")


@pytest.mark.parametrize("ward", WARDS)
@pytest.mark.parametrize("name", REMEDIES)
def test_undone_at_once_it_leaves_no_trace(name, ward):
    before, after, hooks = [], [], {}
    with Patient() as patient:
        probe = Act(Dose(name="probe"))
        patient.at("made", probe, lambda _: hooks.update(state_of(patient)["hooks"]))
        patient.at("examined", probe, lambda _: before.append(state_of(patient)))
        untouched = torch_as_it_is()
        act = apply(patient, dose(name))

        def undo(_: object) -> None:
            act.undo()
            after.append(state_of(patient))

        patient.at("examined", probe, undo)
        WARDS[ward]()
        act.undo()
        assert torch_as_it_is() == untouched
    assert probe.why_not is None
    assert patient.broken == {}
    assert "it broke" not in str(act.why_not)
    for was, now in zip(before, after, strict=True):
        was["torch"] = now["torch"] = None
        was["hooks"] = {path: hooks[path] for path in was["hooks"]}
        assert now == was


@pytest.fixture(scope="module")
def chance_after():
    """Where the program's chance stands at the end of each ward."""
    ends = {}
    for ward, loop in WARDS.items():
        loop()
        ends[ward] = torch.get_rng_state()
    return ends


@pytest.mark.parametrize("ward", WARDS)
@pytest.mark.parametrize("name", REMEDIES)
def test_no_program_breaks_and_what_is_not_applied_says_why(name, ward, chance_after):
    plain = torch_as_it_is()
    with Patient() as patient:
        act = apply(patient, dose(name))
        WARDS[ward]()
        act.undo()
    is_other_data = name in OTHER_BATCHES and ward == "classes"
    assert is_other_data or torch.equal(torch.get_rng_state(), chance_after[ward])
    assert torch_as_it_is() == plain
    assert patient.broken == {}
    assert "it broke" not in str(act.why_not)
    assert act.is_applied or act.why_not is None or act.why_not.endswith(".")


@pytest.mark.parametrize("ward", WARDS)
def test_an_open_patient_changes_no_bit(ward):
    def run() -> torch.Tensor:
        WARDS[ward]()
        return torch.get_rng_state()

    plain = run()
    with Patient():
        seen = run()
    assert torch.equal(plain, seen)
