"""What is measured of a saved model: predictions, figures, intervals, plots, tables.

python -m training.reports.framing           in-photo evaluation: a face found in a photo against its own image
python -m training.reports.comparison        the table of all saved models
python -m training.reports.readme            the README's tables from it
python -m training.reports.quality_limits    where FER-2013's images become rare
python -m training.reports.movements         how calm faces measure; movements against expressions
"""
