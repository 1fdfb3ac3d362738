/** The folder that the command was typed in; pnpm runs it in the workspace's root. */
export const TYPED_IN: string = process.env["INIT_CWD"] ?? process.cwd();
