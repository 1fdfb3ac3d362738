import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { eventually } from "../../apps/api/test/support/api-process.ts";
import { freePort } from "../../apps/api/test/support/free-port.ts";

const run = promisify(execFile);
const pom = fileURLToPath(new URL("kafka-broker/pom.xml", import.meta.url));

/** An Apache Kafka of one node, with its data in a temporary folder. */
interface KafkaBroker extends AsyncDisposable {
  readonly address: string;
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("close", () => socket.destroy());
    setTimeout(() => socket.destroy(), 1000).unref();
  });
}

/** Fetches the broker's jars by Maven, and starts it. */
export async function startKafka(): Promise<KafkaBroker> {
  const folder = await mkdtemp(join(tmpdir(), "sepal-kafka-"));
  const libs = join(folder, "libs");
  await run("mvn", [
    "-q",
    "-B",
    "-f",
    pom,
    "dependency:copy-dependencies",
    `-DoutputDirectory=${libs}`,
  ]);
  const [port, controller] = [await freePort(), await freePort()];
  const properties = [
    "process.roles=broker,controller",
    "node.id=1",
    `controller.quorum.voters=1@127.0.0.1:${controller}`,
    `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`,
    "controller.listener.names=CONTROLLER",
    "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    `log.dirs=${join(folder, "data")}`,
    "offsets.topic.replication.factor=1",
    "transaction.state.log.replication.factor=1",
    "transaction.state.log.min.isr=1",
    "share.coordinator.state.topic.replication.factor=1",
    "share.coordinator.state.topic.min.isr=1",
    "group.initial.rebalance.delay.ms=0",
  ];
  const file = join(folder, "server.properties");
  await writeFile(file, `${properties.join("\n")}\n`);
  const java = ["-Xmx512m", "-cp", join(libs, "*")];
  const id = "Vm9sYXRpbGVDbHVzdGVySQ";
  await run("java", [...java, "kafka.tools.StorageTool", "format", "-t", id, "-c", file]);
  const child = spawn("java", [...java, "kafka.Kafka", file], { cwd: folder, stdio: "ignore" });
  await eventually(() => isOpen(port), "Kafka listens");
  return {
    address: `127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
