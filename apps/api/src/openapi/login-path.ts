import { loginRequest, loginResponse } from "@sepal/schema/login";
import { post } from "./path-builders.ts";

/** `POST /login`, where there are users. */
export function loginPath() {
  const route = {
    id: "login",
    tag: "server",
    summary: "A bearer token for a username and its password",
  };
  return { "/login": post(route, loginRequest, loginResponse) };
}
