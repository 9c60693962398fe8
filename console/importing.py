"""How does a town's Shapefile or GeoPackage become a layer? ``flask rules import-layer``."""

from __future__ import annotations

from pathlib import Path

import click

from console.asking import with_rules
from routing.importing import NotImported, import_layer


@click.command("import-layer")
@click.argument("source", metavar="FILE", type=click.Path(exists=True, path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="As in layers/roads.geojson.")
@click.option("--layer", help="Which one, where a GeoPackage holds several.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@with_rules
def take_layer(
    source: Path, out: Path, layer: str | None, force: bool, rules_file: Path | None, data: Path | None
) -> None:
    """Turn FILE (Shapefile, GeoPackage) into GeoJSON in WGS84, as layers are."""
    if out.exists() and not force:
        raise click.ClickException(f"{out} is there already: name another file, or say --force.")
    try:
        text, count = import_layer(source, layer)
        out.write_text(text, encoding="utf-8")
    except NotImported as refused:
        raise click.ClickException(str(refused)) from None
    except OSError as refused:
        raise click.ClickException(f"{out} cannot be written ({refused.strerror}).") from None
    click.echo(
        f"{out}: {count} features. Name it under layers in the rules, then run flask --app app rules check."
    )
