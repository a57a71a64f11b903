"""Tools of the repository that neither the site nor the training imports.

python -m scripts.audit_dependencies    known weaknesses of the pinned packages (make check)
python -m scripts.make_samples          the site's sample photos and its card
"""
