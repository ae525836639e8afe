"""The recipe, in order: look, baselines, overfit, regularise, tune, squeeze; then one test.

After Karpathy, "A Recipe for Training Neural Networks", 2019. ``follow`` reads like the recipe.
"""

from netsitter.recipe.entry import Result, load, train

__all__ = ["Result", "load", "train"]
