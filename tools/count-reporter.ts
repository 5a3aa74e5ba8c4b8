import type { TestEvent } from "node:test/reporters";

/** Writes one word for each finished test; suites do not count. Read by `tools/test.ts`. */
export default async function* countReporter(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of events) {
    if (event.type !== "test:pass" && event.type !== "test:fail") continue;
    if (event.data.details.type === "suite") continue;
    if (event.type === "test:fail") yield "failed\n";
    else yield event.data.skip === undefined || event.data.skip === false ? "passed\n" : "skipped\n";
  }
}
