"""What does a real WordPress make of the snippet? Debian's package with its own database, on loopback."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from settings import ROOT
from tests.browser import soon
from tests.journeys.town import free_port

FILES = Path("/usr/share/wordpress")
CONTENT = Path("/var/lib/wordpress/wp-content")
DATABASE = shutil.which("mariadbd", path="/usr/sbin:/usr/bin")
PLUGIN = ROOT / "wordpress" / "townline"


def why_not() -> str:
    """Return what is missing for a WordPress on this machine; empty when there is all."""
    missing = [
        name
        for name, is_here in (
            ("wordpress", FILES.is_dir()),
            ("wordpress-theme-twentytwentythree", (FILES / "wp-content/themes/twentytwentythree").is_dir()),
            ("php-cli", shutil.which("php")),
            ("mariadb-server", DATABASE),
        )
        if not is_here
    ]
    wanted = f"{' '.join(missing)} php-mysql php-xml php-mbstring php-curl"
    return f"No WordPress was asked: install {wanted}" if missing else ""


@dataclass
class Post:
    """One post of the site: who wrote it, what of it WordPress kept, and where it is."""

    role: str
    kind: str
    address: str
    stored: str


class WordPress:
    """A site that answers at ``localhost``; the town's form is at ``127.0.0.1``, another site to browsers."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.version = ""
        self._folder, self._site = folder, folder / "site"
        self._processes: list[subprocess.Popen[bytes]] = []

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def password(self) -> str:
        """The one of every role; the roles are the names to log in with."""
        return "only-for-this-test"

    def start(self, town: str) -> list[Post]:
        """Start database and site; return the posts. ``town`` is the origin of the form."""
        self._copy()
        self._start_database()
        (self._site / "wp-config.php").write_text(self._config())
        seed = Path(__file__).with_name("wordpress_seed.php")
        said = self._php(str(seed), str(self._site), self.address, town)
        self._run(["php", "-S", f"127.0.0.1:{self.port}", "-t", str(self._site)], "php.log")
        soon(lambda: _answers(self.port), "WordPress answers", 30)
        made = json.loads(said.splitlines()[-1])
        self.version = made["version"]
        return [Post(**post) for post in made["posts"]]

    def stop(self) -> None:
        for process in reversed(self._processes):
            process.terminate()
            process.wait(20)

    def _copy(self) -> None:
        # Debian's files lead by links to other packages and to /etc: copied, they belong to this test alone.
        shutil.copytree(FILES, self._site, symlinks=False, ignore_dangling_symlinks=True, ignore=_theirs)
        shutil.copytree(CONTENT, self._site / "wp-content", dirs_exist_ok=True, ignore_dangling_symlinks=True)
        if PLUGIN.is_dir():
            shutil.copytree(PLUGIN, self._site / "wp-content" / "plugins" / "townline")
        own = self._site / "wp-content" / "mu-plugins"
        own.mkdir(exist_ok=True)
        (own / "loopback.php").write_text(
            dedent("""\
                <?php // Only here: WordPress may ask a form on this very machine what it is.
                add_filter('http_request_host_is_external', '__return_true');
                add_filter('http_allowed_safe_ports', fn($ports) => range(1, 65535));
            """)
        )

    def _start_database(self) -> None:
        data, self._socket = self._folder / "db", self._folder / "db.sock"
        made = ["mariadb-install-db", "--no-defaults", f"--datadir={data}"]
        extra = ["--user=root", "--auth-root-authentication-method=normal"]
        subprocess.run([*made, *extra], check=True, capture_output=True)
        assert DATABASE
        options = ["--no-defaults", "--user=root", "--skip-networking", "--innodb-buffer-pool-size=32M"]
        self._run([DATABASE, *options, f"--datadir={data}", f"--socket={self._socket}"], "db.log")
        soon(self._socket.exists, "the database listens", 60)
        words = "create database wordpress"
        client = ["mariadb", "--no-defaults", "-S", str(self._socket), "-uroot", "-e", words]
        soon(lambda: subprocess.run(client, capture_output=True).returncode == 0, "the database answers", 30)

    def _config(self) -> str:
        return dedent(f"""\
            <?php
            define('DB_NAME', 'wordpress'); define('DB_USER', 'root'); define('DB_PASSWORD', '');
            define('DB_HOST', 'localhost:{self._socket}');
            define('DB_CHARSET', 'utf8mb4'); define('DB_COLLATE', '');
            foreach (['AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE'] as $name) {{
                define($name . '_KEY', 'only for this test'); define($name . '_SALT', 'only for this test');
            }}
            $table_prefix = 'wp_';
            define('DISABLE_WP_CRON', true); define('AUTOMATIC_UPDATER_DISABLED', true);
            define('WP_HTTP_BLOCK_EXTERNAL', true); define('WP_ACCESSIBLE_HOSTS', '127.0.0.1');
            define('WP_HOME', '{self.address}'); define('WP_SITEURL', '{self.address}');
            if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
            require_once ABSPATH . 'wp-settings.php';
        """)

    def _php(self, *words: str) -> str:
        done = subprocess.run(["php", *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        return done.stdout

    def _run(self, words: list[str], log: str) -> None:
        with open(self._folder / log, "wb") as file:
            self._processes.append(subprocess.Popen(words, stdout=file, stderr=subprocess.STDOUT))


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


def _theirs(folder: str, names: list[str]) -> list[str]:
    """Leave out the machine's own site settings."""
    return [name for name in names if name in ("wp-config.php", ".htaccess")]
