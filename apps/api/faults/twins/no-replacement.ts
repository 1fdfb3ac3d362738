import cluster from "node:cluster";

// The primary starts its two processes; those in the place of a dead one die at once.
if (cluster.isPrimary) {
  const fork = cluster.fork.bind(cluster);
  let started = 0;
  cluster.fork = (env) => {
    const worker = fork(env);
    started += 1;
    if (started > 2) worker.process.kill("SIGKILL");
    return worker;
  };
}
