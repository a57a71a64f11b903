"""Fuzzing: hostile requests, generated from a number, and checks of the answers.

python -m tests.fuzz                 ten thousand hostile requests; writes FUZZ.md
python -m tests.fuzz.same_answers    500 photos from many threads at once, beside one after the other
"""
