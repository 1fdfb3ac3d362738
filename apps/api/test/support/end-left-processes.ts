import { afterAll } from "vitest";
import { endLeftProcesses } from "./api-process.ts";

// Set up before each test file: its worker goes on with other files, which such processes would slow down.
afterAll(endLeftProcesses);
