"""Sick programs of the gallery under the remedy that a person would prescribe: they reach their targets."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

GALLERY = Path(__file__).parents[1] / "gallery" / "programs"
TRUTH = {entry["file"]: entry for entry in json.loads((GALLERY / "truth.json").read_text())}

REPAIRS: dict[str, list[tuple[str, dict]]] = {
    "adam_epsilon_one": [("default-eps", {})],
    "batchnorm_batch_of_two": [("larger-batch", {})],
    "broadcast_handwritten_mse": [("same-shape", {})],
    "clip_value_tiny": [("clip-higher", {})],
    "constant_init_mlp": [("random-init", {"init": "lsuv"})],
    "dead_relu_after_spike": [("use-leaky-relu", {})],
    "detached_item_loss": [("keep-the-graph", {})],
    "double_sigmoid_binary": [("drop-softmax", {})],
    "double_softmax_cnn": [("drop-softmax", {})],
    "dropout_at_validation": [("call-eval", {})],
    "dropout_ninety_five": [("less-dropout", {})],
    "eval_never_undone": [("call-train", {})],
    "exploding_rnn": [("scaled-init", {}), ("use-adam", {})],
    "frozen_by_leftover_flag": [("unfreeze", {})],
    "gradient_ascent_likelihood": [("turn-the-sign", {})],
    "imbalance_ignored": [("weight-classes", {})],
    "linear_stack_spiral": [("add-activation", {})],
    "log_of_zero_loss": [("lower-rate", {})],
    "lr_too_high_adam_cnn": [("find-rate", {})],
    "lr_too_low_sgd": [("use-adam", {})],
    "missing_step_trainer": [("call-step", {})],
    "missing_zero_grad_lstm": [("call-zero-grad", {})],
    "nan_in_one_row": [("fill-missing", {})],
    "nll_on_raw_scores": [("add-log-softmax", {})],
    "overfit_small_images": [("stop-early", {})],
    "params_not_in_optimizer_encoder": [("give-all-parameters", {})],
    "randn_init_deep_tanh": [("scaled-init", {"init": "xavier"})],
    "relu_head_on_standardised": [("linear-output", {})],
    "scheduler_every_batch": [("schedule-per-epoch", {})],
    "softmax_over_batch": [("softmax-over-classes", {})],
    "sorted_epochs": [("shuffle", {})],
    "stale_optimizer_after_swap": [("make-optimizer-last", {})],
    "stopped_after_two_epochs": [("train-longer", {"factor": 7})],
    "sum_loss_large_batch": [("average-loss", {})],
    "tiny_init_relu": [("scaled-init", {"init": "data-dependent"})],
    "underfit_narrow": [("more-capacity", {"width_factor": 32})],
    "unscaled_inputs_table": [("standardise-inputs", {})],
    "unscaled_target_house": [("standardise-target", {})],
    "vanishing_deep_tanh_sgd": [("add-residual", {})],
    "weight_decay_huge": [("less-decay", {"weight_decay_factor": 1e-4})],
    "zero_grad_between": [("reorder-zero-grad", {})],
    "zero_init_conv": [("random-init", {})],
}


@pytest.mark.slow
@pytest.mark.parametrize("name", REPAIRS)
def test_the_remedy_brings_the_program_to_its_target(name, tmp_path):
    truth = TRUTH[f"{name}.py"]
    prescription = [{"name": remedy, "settings": settings} for remedy, settings in REPAIRS[name]]
    (tmp_path / "prescription.json").write_text(json.dumps(prescription))
    options = ["--prescription", str(tmp_path / "prescription.json"), "--out", str(tmp_path), "--seed", "0"]
    done = subprocess.run(
        [sys.executable, "-m", "netsitter.treat.script", *options, truth["file"]],
        cwd=GALLERY,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    treatment = json.loads((tmp_path / "treatment.json").read_text())
    assert [act["why_not"] for act in treatment["remedies"]] == [None] * len(prescription)
    reached = float(done.stdout.strip().rpartition("=")[2])
    better = reached >= truth["target"] if truth["better"] == "higher" else reached <= truth["target"]
    assert better, f"{truth['metric_name']} {reached}, wanted {truth['target']}"
