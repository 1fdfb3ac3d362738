import { createServer } from "node:http";

const served = { model_used: "iris-forest", model_version: "1", processing_time_ms: 0.2 };
const prediction = { class: 0, label: "setosa", proba: [0.98, 0.02, 0], confidence: 0.98 };

function batchAnswer(count: number): string {
  const predictions = Array.from({ length: count }, () => prediction);
  return JSON.stringify({ predictions, count, ...served });
}

// As long as the answers of a server that thinks.
const answers: Record<string, string> = {
  "/predict": JSON.stringify({ ...prediction, ...served }),
  "/predict-batch/100": batchAnswer(100),
  "/predict-batch/10000": batchAnswer(10_000),
};

createServer((request, response) => {
  const answer = answers[request.url ?? ""];
  // The body is received, as any server must, and not read.
  request.resume();
  request.on("end", () => {
    response.writeHead(answer === undefined ? 404 : 200, {
      "content-type": "application/json; charset=utf-8",
      "content-length": Buffer.byteLength(answer ?? ""),
    });
    response.end(answer);
  });
}).listen(Number(process.argv[2]), "127.0.0.1");
