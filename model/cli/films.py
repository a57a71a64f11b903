"""Read films: a row for each face and time, a timeline, and the film with boxes."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path

from ..film.annotate import AnnotatedFilm, CannotAnnotate, check_annotated
from ..film.frames import HEAD, Film, FilmError, is_film
from ..film.plot import ENDINGS, MissingMatplotlib, Timeline
from ..film.reading import EVERY, FilmFace, Moment, moments
from ..film.rows import error_row, film_cells, film_header, film_text, moment_rows
from ..output.layouts import Shape, written
from ..output.sinks import Sink
from .inputs import Inputs, may_be_film
from .models import Reader
from .options import ALL, OK, PHOTO_REFUSED, STDIN, USAGE
from .outputs import open_sink
from .photos import Loader
from .progress import Progress, Stop, counted


def films_among(parser: argparse.ArgumentParser, options: argparse.Namespace, inputs: Inputs) -> list[str]:
    """Return the films, if that is what is to be read; a mixture with photos is a mistake: they have other columns."""
    films = [name for name in inputs.names if may_be_film(name) and _begins_as_film(name)]
    asked = [f"--{name}" for name in ("every", "plot", "annotate") if getattr(options, name) is not None]
    if not films:
        if asked:
            name = inputs.names[0]
            missing = name != STDIN and not Path(name).exists()
            parser.error(
                f"there is no file {name}" if missing else f"{asked[0]} is for films, and {name} is none"
            )
        return []
    if len(films) < len(inputs.names):
        other = next(name for name in inputs.names if name not in films)
        parser.error(
            f"{films[0]} is a film and {other} is none: their columns differ, so read them by two commands"
        )
    for name in ("stages", "explain", "jobs"):
        if getattr(options, name) is not None:
            parser.error(f"--{name} is for photos, and {films[0]} is a film")
    if options.model == ALL:
        parser.error(f"a film is read by one model, not by {ALL}")
    if len(films) > 1 and (options.plot or options.annotate):
        parser.error("--plot and --annotate make one file, of one film")
    return films


def _begins_as_film(name: str) -> bool:
    try:
        with open(os.path.expanduser(name), "rb") as file:  # noqa: PTH111, PTH123  # a name as it was given
            return is_film(file.read(HEAD))
    except (OSError, ValueError):
        return False


def read_films(
    parser: argparse.ArgumentParser, options: argparse.Namespace, films: Sequence[str], loader: Loader
) -> int:
    """Read the films and return the exit code. Raises SavedModelError, and OSError if something cannot be written."""
    options.every = EVERY if options.every is None else options.every
    if options.plot and options.plot.suffix.lower() not in ENDINGS:
        parser.error(f"--plot: the picture's name ends with {', '.join(ENDINGS)}")
    try:
        if options.annotate:
            check_annotated(options.annotate)
        timeline = Timeline(films[0], options.every) if options.plot else None
    except (CannotAnnotate, MissingMatplotlib) as error:
        parser.error(f"{error}")
    reader = loader(options.model, options.detector)
    labels = reader.labels
    shape = Shape("film", film_header(labels), partial(film_cells, labels=labels), film_text)
    with Stop() as stop:
        run = _Run(options, reader, stop, timeline)
        # The last film in the file may have been left in its middle: it is read anew.
        with open_sink(parser, options, shape, reader.names, run.aside, keep_last=False) as sink:
            for name in films:
                if written(name) not in sink.done and not stop.code:
                    run.read(name, sink)
    if timeline:
        timeline.save(options.plot)
    return stop.code or run.code


class _Run:
    """The films of one command."""

    def __init__(
        self, options: argparse.Namespace, reader: Reader, stop: Stop, timeline: Timeline | None
    ) -> None:
        self._options, self._reader, self._stop, self._timeline = options, reader, stop, timeline
        self._progress: Progress | None = None
        self.code = OK

    def aside(self) -> AbstractContextManager[None]:
        """Keep the bar of the film at hand off the terminal."""
        return self._progress.aside() if self._progress else nullcontext()

    def read(self, name: str, sink: Sink) -> None:
        """Read one film; what ends it is its last row."""
        self._progress = progress = Progress(None, "s", shown=not self._options.quiet)
        time = None
        try:
            with Film(name) as film:
                progress.expect(film.seconds)
                for moment in self._moments(film):
                    sink.write(moment_rows(name, moment))
                    progress.step(len(moment.faces), refused=False, by=moment.time - (time or 0.0))
                    time = moment.time
                    if self._timeline:
                        self._timeline.add(moment)
        except FilmError as error:
            sink.write([error_row(name, time, error.message)])
            self.code = self.code or PHOTO_REFUSED
            if not self._options.quiet:
                print(f"{self._options.prog}: {error.message}", file=sys.stderr)
        progress.close()
        self._say(name, time or 0.0, progress)

    def _moments(self, film: Film) -> Iterator[Moment]:
        """Yield what is seen in the film, and write it again with boxes where that is asked for."""
        annotated = AnnotatedFilm(self._options.annotate, film) if self._options.annotate else None
        faces: tuple[FilmFace, ...] = ()
        try:
            for moment in moments(film, self._reader.look, self._options.every):
                faces = faces if moment is None else moment.faces
                if annotated:
                    try:
                        annotated.add(film.time, moment.pixels if moment else film.pixels(), faces)
                    except CannotAnnotate as error:
                        # The rows are worth more than the film.
                        self._not_annotated(annotated, error)
                        annotated = None
                if moment is not None:
                    yield moment
                if self._stop.code:
                    return
        finally:
            if annotated:
                try:
                    annotated.close()
                except CannotAnnotate as error:
                    self._not_annotated(annotated, error)

    def _not_annotated(self, annotated: AnnotatedFilm, error: CannotAnnotate) -> None:
        annotated.drop()
        print(f"{self._options.prog}: error: {error}", file=sys.stderr)
        self.code = USAGE

    def _say(self, name: str, time: float, progress: Progress) -> None:
        """Print how it went."""
        if self._stop.code:
            again = "; the same command reads it again" if self._options.out else ""
            print(f"{self._options.prog}: stopped in {name} at {time:.1f} s{again}", file=sys.stderr)
        elif not self._options.quiet:
            seconds = progress.seconds()
            looks, faces = counted(progress.count, "look"), counted(progress.faces, "face")
            print(f"{name}: {time:.1f} s, {looks}, {faces} in them; {seconds:.1f} s", file=sys.stderr)
