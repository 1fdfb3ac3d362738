import { createServer } from "node:http";

// A service that takes its time, such as a feature store: answers after so many milliseconds, to any number at once.
const [port, delay] = process.argv.slice(2).map(Number);

createServer((_request, response) => {
  setTimeout(() => response.end('{"offset":0}'), delay);
}).listen(port, "127.0.0.1");
