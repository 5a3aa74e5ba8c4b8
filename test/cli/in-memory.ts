import { runCommandLine } from "#cli/program.ts";
import { fakeApi, type FakeApi } from "#test/api/fakes.ts";

/** The command line against the API in memory. */
export async function runInMemory(
  token: string | null,
  args: readonly string[],
  api: FakeApi = fakeApi(),
): Promise<{ readonly code: number; readonly out: string; readonly said: string }> {
  const out: string[] = [];
  const said: string[] = [];
  const original = globalThis.fetch;
  globalThis.fetch = async (input, init) => api.app.fetch(new Request(input, init));
  try {
    const code = await runCommandLine(
      {
        version: "0",
        env: { XDG_CONFIG_HOME: "/nonexistent", ...(token === null ? {} : { TIDEGATE_TOKEN: token }) },
        write: (data) => out.push(data),
        say: (talk) => said.push(talk),
        interrupted: new AbortController().signal,
        local: [],
      },
      args,
    );
    return { code, out: out.join(""), said: said.join("\n") };
  } finally {
    globalThis.fetch = original;
  }
}
