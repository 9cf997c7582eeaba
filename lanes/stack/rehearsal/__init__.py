"""A deployment on one machine, made of packages only, in which a launched target is judged as if it were deployed."""

from lanes.stack.rehearsal.rehearsal import LOGS, OPERATOR, PROGRAMS, REQUESTS, Rehearsal

__all__ = ["LOGS", "OPERATOR", "PROGRAMS", "REQUESTS", "Rehearsal"]
