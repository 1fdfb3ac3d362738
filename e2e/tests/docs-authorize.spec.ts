import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, type Locator, type Page } from "@playwright/test";
import { freePort, root, startApi } from "../support/servers.ts";

const KEY = "a-key-for-the-docs-0123456789";
const PASSWORD = "correct horse battery staple";

/** Makes a user in a file, as an operator does. */
function addUser(file: string, name: string): void {
  const args = ["apps/api/src/auth/commands/users.ts", "add", name];
  const env = { ...process.env, USERS_FILE: file };
  const { status, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    env,
    input: `${PASSWORD}\n`,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
}

/** Opens an operation of Swagger UI. */
async function openOperation(page: Page, id: string): Promise<Locator> {
  const operation = page.locator(`#operations-${id}`);
  await operation.locator(".opblock-summary-control").click();
  return operation;
}

/** Sends what "Try it out" shows; returns the response's status and body. */
async function execute(operation: Locator): Promise<{ status: string; body: string }> {
  const clear = operation.getByRole("button", { name: "Clear" });
  // Clear the previous response first.
  if (await clear.isVisible()) await clear.click();
  await operation.getByRole("button", { name: "Execute" }).click();
  const live = operation.locator(".live-responses-table");
  await expect(live).toBeVisible();
  const status = await live.locator(".response-col_status").last().innerText();
  const body = await live.locator(".highlight-code code").first().innerText();
  return { status: status.trim(), body };
}

/** Opens the dialog of "Authorize"; gives the form of one scheme. */
async function openScheme(page: Page, scheme: RegExp): Promise<Locator> {
  await page.locator(".auth-wrapper > .authorize").first().click();
  return page.locator(".auth-container form").filter({ hasText: scheme });
}

/** Enters a credential for one scheme. */
async function authorize(page: Page, scheme: RegExp, value: string): Promise<void> {
  const form = await openScheme(page, scheme);
  await form.getByRole("textbox").fill(value);
  await form.getByRole("button", { name: "Apply credentials" }).click();
  await form.getByRole("button", { name: "Close" }).click();
}

/** Takes the credential of one scheme back. */
async function logOut(page: Page, scheme: RegExp): Promise<void> {
  const form = await openScheme(page, scheme);
  await form.getByRole("button", { name: "Remove authorization" }).click();
  await form.getByRole("button", { name: "Close" }).click();
}

test("Authorize in Swagger UI lets a key and a token in, and nobody without", async ({ page }) => {
  const folder = await mkdtemp(join(tmpdir(), "sepal-users-"));
  try {
    const users = join(folder, "users");
    addUser(users, "ada");
    const identity = {
      API_KEYS: `docs:${KEY}`,
      USERS_FILE: users,
      JWT_SECRET: "a-secret-for-tokens-0123456789-0123456789",
    };
    await using api = await startApi(await freePort(), identity);
    await page.goto(`${api.url}/docs`);
    const predict = await openOperation(page, "predictions-predict");
    expect((await execute(predict)).status).toBe("401");

    await authorize(page, /apiKey/, "nobody-has-this-key-0123456789");
    expect((await execute(predict)).status).toBe("401");
    await logOut(page, /apiKey/);
    await authorize(page, /apiKey/, KEY);
    const byKey = await execute(predict);
    expect(byKey.status).toBe("200");
    expect(byKey.body).toContain('"label": "setosa"');
    await logOut(page, /apiKey/);
    expect((await execute(predict)).status).toBe("401");

    const login = await openOperation(page, "server-login");
    await login
      .locator("textarea.body-param__text")
      .fill(JSON.stringify({ username: "ada", password: PASSWORD }));
    const response = await execute(login);
    expect(response.status).toBe("200");
    const { access_token: token }: { access_token: string } = JSON.parse(response.body);
    await authorize(page, /bearer/, token);
    expect((await execute(predict)).status).toBe("200");
    await logOut(page, /bearer/);
    expect((await execute(predict)).status).toBe("401");

    // The password form of OAuth 2.0, which Swagger UI sends to `/login` itself.
    await page.locator(".auth-wrapper > .authorize").first().click();
    const form = page.locator(".auth-container > div").filter({ hasText: /OAuth2, password/ });
    await form.getByLabel("username:").fill("ada");
    await form.getByLabel("password:", { exact: true }).fill(PASSWORD);
    await form.getByRole("button", { name: "Apply given OAuth2 credentials" }).click();
    await expect(form.getByRole("button", { name: "Remove authorization" })).toBeVisible();
    await form.getByRole("button", { name: "Close" }).click();
    expect((await execute(predict)).status).toBe("200");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
