"""Keras with the torch backend: compile and fit. `sick`: a rate of 1000."""

import os
import sys

os.environ["KERAS_BACKEND"] = "torch"
import keras
import numpy as np
from sklearn.datasets import load_digits

keras.utils.set_random_seed(0)
x, y = load_digits(return_X_y=True)
x = (x / 16 - 0.3).astype(np.float32)
model = keras.Sequential(
    [
        keras.Input((64,)),
        keras.layers.Dense(64, activation="relu"),
        keras.layers.Dropout(0.1),
        keras.layers.Dense(10, activation="softmax"),
    ]
)
model.compile(
    optimizer=keras.optimizers.Adam(1e3 if "sick" in sys.argv else 3e-3),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
history = model.fit(x[:1400], y[:1400], validation_split=0.2, epochs=8, batch_size=32, verbose=2)
print(repr(model.evaluate(x[1400:], y[1400:], verbose=0)), len(history.history["loss"]))
