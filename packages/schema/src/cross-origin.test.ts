import { expect, test } from "vitest";
import { isForeignPage } from "./cross-origin.ts";

const page = {
  method: "POST",
  host: "localhost:8000",
  contentType: "text/plain",
  origin: "https://evil.example",
  fetchSite: "cross-site",
};

test.each([
  ["a text", {}],
  ["a form", { contentType: "multipart/form-data; boundary=x" }],
  ["a request without a content type", { contentType: undefined }],
  ["a type in capitals with parameters", { contentType: "Text/Plain ;charset=utf-8" }],
  ["another port of this machine", { origin: "http://localhost:5000", fetchSite: "same-site" }],
  ["an opaque origin", { origin: "null", fetchSite: undefined }],
  ["an old browser", { fetchSite: undefined }],
  ["an allowed origin's name as a prefix", { origin: "https://app.example.evil.example" }],
])("finds a foreign page behind %s", (_what, change) => {
  const allowed = (origin: string) => origin === "https://app.example";
  expect(isForeignPage({ ...page, ...change }, allowed)).toBe(true);
});

test.each([
  ["JSON, which needs a preflight", { contentType: "application/json" }],
  ["CSV, which needs a preflight", { contentType: "text/csv" }],
  ["a request that changes nothing", { method: "GET" }],
  ["a page of the server's own", { origin: "http://localhost:8000", fetchSite: "same-origin" }],
  ["one of an old browser", { origin: "http://LOCALHOST:8000", fetchSite: undefined }],
  ["an address typed by a person", { origin: undefined, fetchSite: "none" }],
  ["a client that is no browser", { origin: undefined, fetchSite: undefined }],
  ["an origin that may call", { origin: "https://app.example" }],
])("lets %s pass", (_what, change) => {
  const allowed = (origin: string) => origin === "https://app.example";
  expect(isForeignPage({ ...page, ...change }, allowed)).toBe(false);
});
