"""Everything in `deploy/` as the programs read it that will read it one day."""

import json
import re
import shutil
import subprocess

import pytest
import yaml

from app.cli import tools
from app.core import metrics
from app.settings import ROOT, Settings

DEPLOY = ROOT / "deploy"
MANIFESTS = sorted(path for path in (DEPLOY / "kubernetes").glob("*.yaml") if path.name != "kustomization.yaml")
METRIC = re.compile(r"\bforecourt_[a-z0-9_]+")
NOT_SETTINGS = {"FORECOURT_IMAGE", "MARIADB_PASSWORD", "MARIADB_ROOT_PASSWORD", "MARIADB_DATABASE", "MARIADB_USER"}


@pytest.fixture
def run(tmp_path):
    def run(tool, *command, cwd=DEPLOY):
        if not tool.is_present:
            pytest.skip(f"{tool.name} is not installed: {' '.join(tool.packages)}")
        program = tools.find_program(command[0])
        ran = subprocess.run([program, *command[1:]], cwd=cwd, capture_output=True, text=True, timeout=60, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout + ran.stderr

    return run


class TestCompose:
    @pytest.fixture
    def folder(self, tmp_path):
        shutil.copytree(DEPLOY, tmp_path / "deploy")
        shutil.copy(DEPLOY / "environment.example", tmp_path / "deploy" / "environment")
        return tmp_path / "deploy"

    def test_is_read_as_it_is_meant(self, run, folder):
        shown = yaml.safe_load(run(tools.COMPOSE, "docker-compose", "-f", "compose.yaml", "config", cwd=folder))
        assert {"web-1", "web-2", "worker-1", "worker-2", "proxy", "database", "search", "migrate"} == set(
            shown["services"]
        )
        web = shown["services"]["web-1"]
        assert web["read_only"] is True
        assert web["cap_drop"] == ["ALL"]
        assert web["environment"]["FORECOURT_ENVIRONMENT"] == "production"

    def test_names_only_settings_that_exist(self):
        known = {
            str(field.validation_alias or f"FORECOURT_{name.upper()}") for name, field in Settings.model_fields.items()
        }
        texts = [
            path.read_text()
            for path in DEPLOY.rglob("*")
            if path.suffix in (".yaml", ".example", "") and path.is_file()
        ]
        named = {
            name for text in texts for name in re.findall(r"\b(?:FORECOURT|DATABASE|OPENSEARCH|MAIL)_[A-Z_]+", text)
        }
        assert named - known - NOT_SETTINGS - {"DATABASE_BUFFER", "OPENSEARCH_JAVA_OPTS"} == set()


class TestKubernetes:
    @pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
    def test_fits_the_published_schema(self, path):
        import kubernetes_validate

        for document in yaml.safe_load_all(path.read_text()):
            kubernetes_validate.validate(document, "1.31", strict=True)

    def test_every_container_is_confined(self):
        pods = [
            document["spec"]["template"]["spec"]
            for path in MANIFESTS
            for document in yaml.safe_load_all(path.read_text())
            if document["kind"] in ("Deployment", "Job")
        ]
        assert len(pods) == 3
        for pod in pods:
            assert pod["securityContext"]["runAsNonRoot"] is True
            for container in pod["containers"]:
                confined = container["securityContext"]
                assert confined["readOnlyRootFilesystem"] is True
                assert confined["allowPrivilegeEscalation"] is False
                assert confined["capabilities"] == {"drop": ["ALL"]}
                assert container["resources"]["limits"]["memory"]

    def test_every_manifest_is_in_the_kustomization(self):
        listed = yaml.safe_load((DEPLOY / "kubernetes" / "kustomization.yaml").read_text())["resources"]
        assert sorted(listed) == [path.name for path in MANIFESTS]


class TestObserving:
    def test_rules_are_valid_and_fire_when_they_should(self, run):
        run(tools.PROMETHEUS, "promtool", "check", "rules", "prometheus/rules.yml")
        run(tools.PROMETHEUS, "promtool", "test", "rules", "prometheus/rules_test.yml")

    def test_the_collector_reads_its_configuration(self, run, tmp_path):
        shutil.copytree(DEPLOY / "prometheus", tmp_path / "prometheus")
        (tmp_path / "prometheus" / "metrics-token").write_text("token")
        run(tools.PROMETHEUS, "promtool", "check", "config", "prometheus.yml", cwd=tmp_path / "prometheus")

    @pytest.mark.parametrize("path", ["prometheus/rules.yml", "grafana/forecourt.json"])
    def test_asks_for_metrics_that_exist(self, path):
        families = list(metrics.registry.collect())
        known = {
            f"{family.name}{suffix}" for family in families for suffix in ("", "_total", "_bucket", "_count", "_sum")
        }
        asked = set(METRIC.findall((DEPLOY / path).read_text()))
        assert asked
        assert asked <= known

    def test_panels_of_the_dashboard_do_not_overlap(self):
        board = json.loads((DEPLOY / "grafana" / "forecourt.json").read_text())
        taken = set()
        for panel in board["panels"]:
            place = panel["gridPos"]
            cells = {
                (x, y)
                for x in range(place["x"], place["x"] + place["w"])
                for y in range(place["y"], place["y"] + place["h"])
            }
            assert not cells & taken, panel["title"]
            taken |= cells


class TestContainerfile:
    """Read as far as it can be without an engine: its instructions, what it copies, and who it runs as."""

    TEXT = (DEPLOY / "Containerfile").read_text()

    def test_copies_what_exists(self):
        for line in re.findall(r"^COPY (?!--from)(.+) \S+$", self.TEXT, re.MULTILINE):
            for name in line.split():
                assert (ROOT / name).exists(), name

    def test_the_final_stage_is_bare_and_unprivileged(self):
        final = self.TEXT.rpartition("\nFROM ")[2]
        assert re.search(r"^USER 10001:10001$", final, re.MULTILINE)
        installed = re.findall(r"apt-get install --yes --no-install-recommends (.*) \\", final)
        assert installed == [" ".join(tools.PANGO.packages)]
        assert "pip uninstall --yes pip" in final
