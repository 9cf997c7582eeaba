"""Binds every scenario of features/."""

from pytest_bdd import scenarios

from lanes.places import FEATURES

scenarios(str(FEATURES))
