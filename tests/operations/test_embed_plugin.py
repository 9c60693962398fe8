"""What does the WordPress plugin put into a page? Its own file, with the little of WordPress it calls."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import pytest

from settings import ROOT

PLUGIN = ROOT / "wordpress" / "townline" / "townline.php"
OWN = "https://311.example.gov"
STAGE = r"""<?php
// What the plugin asks of WordPress. Prints, for each shortcode, what stands in the page and whose scripts.
[, $plugin, $address, $shortcodes] = $argv;
define('ABSPATH', '/');
$scripts = [];
function add_action() {}
function add_shortcode() {}
function get_option() { global $address; return $address; }
function wp_parse_url($url) { return parse_url($url); }
function current_user_can() { return false; }
function __($words) { return $words; }
function esc_html__($words) { return $words; }
function esc_url($words) { return htmlspecialchars($words, ENT_QUOTES); }
function esc_attr($words) { return htmlspecialchars($words, ENT_QUOTES); }
function esc_html($words) { return htmlspecialchars($words, ENT_QUOTES); }
function sanitize_title($words) { return strtolower(preg_replace('/[^a-zA-Z0-9_-]/', '', $words)); }
function wp_enqueue_script($name, $from) { global $scripts; $scripts[] = $from; }
require $plugin;
$shown = [];
foreach (json_decode($shortcodes, true) as $said) {
    $scripts = [];
    $shown[] = ['html' => townline_render($said), 'scripts' => $scripts];
}
echo json_encode($shown);
"""

pytestmark = pytest.mark.skipif(not shutil.which("php"), reason="No PHP was asked: install php-cli")


def shown(address: str, *shortcodes: dict[str, Any]) -> list[dict[str, Any]]:
    done = subprocess.run(
        ["php", "--", str(PLUGIN), address, json.dumps(shortcodes)],
        input=STAGE,
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_a_script_comes_from_the_address_of_the_settings_and_from_nowhere_else() -> None:
    plain, named, dialog, foreign, evil = shown(
        OWN + "/report",
        {"widget": "streets"},
        {"form": OWN},
        {"show": "dialog"},
        {"form": "https://evil.example", "show": "inline", "text": "Report"},
        {"form": "javascript:alert(1)", "theme": '"><img src=x>'},
    )
    assert plain["html"] == (
        f'<p><a href="{OWN}/report/streets" data-report="inline">Report a problem</a></p>'
    )
    assert 'data-report="dialog"' in dialog["html"]
    for one in (plain, named, dialog, evil):
        assert one["scripts"] == [f"{OWN}/static/embed.js"]
        assert f'<a href="{OWN}/report' in one["html"]
    assert "<img" not in evil["html"]
    assert foreign == {"html": '<p><a href="https://evil.example/report">Report</a></p>', "scripts": []}


def test_without_an_address_in_the_settings_nobody_puts_a_script_into_a_page() -> None:
    nothing, link = shown("", {}, {"form": OWN})
    assert nothing == {"html": "", "scripts": []}
    assert link == {"html": f'<p><a href="{OWN}/report">Report a problem</a></p>', "scripts": []}
