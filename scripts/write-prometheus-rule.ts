import { readFileSync } from "node:fs";
import { writeGenerated } from "./generated-file.ts";

const rules = readFileSync("deploy/prometheus/rules.yml", "utf8");
const indented = rules.replaceAll(/^(?=.)/gm, "  ");

// The Prometheus operator takes the same rules in an object of its own.
writeGenerated(
  "deploy/kubernetes/base/prometheus-rule.yaml",
  `# deploy/prometheus/rules.yml as the Prometheus operator takes it; \`pnpm fix\` writes it.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: sepal-api
spec:
${indented}`,
);
