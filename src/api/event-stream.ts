import type { StreamEvent } from "#contract/runtime.ts";
import type { ApiDeps, ApiLimits, SourcedEvent } from "#api/deps.ts";

/** What one stream needs to run and to end. */
export interface StreamSettings {
  readonly after: string | null;
  /** Asked every `recheckMs`: does the credential still hold? */
  readonly stillAllowed: () => Promise<boolean>;
  /** Aborted when the server stops. */
  readonly stopping: AbortSignal;
  readonly onEnd: (why: StreamEnd) => void;
}

export type StreamEnd =
  | "server-stops"
  | "reader-left"
  | "reader-too-slow"
  | "credential-ended"
  | "source-ended"
  | "source-failed";

/**
 * Server-sent events as bytes. What the reader has not taken is counted; above the limit the stream ends, and the
 * reader comes back after the last event it saw: a slow one costs a bounded buffer and never holds up others.
 */
export function eventStream(
  deps: Pick<ApiDeps, "events"> & { readonly limits: ApiLimits },
  settings: StreamSettings,
): ReadableStream<Uint8Array> {
  const ending = new AbortController();
  const encoder = new TextEncoder();
  let timers: readonly NodeJS.Timeout[] = [];
  let ended = false;
  const end = (why: StreamEnd, controller: ReadableStreamDefaultController<Uint8Array> | null): void => {
    if (ended) return;
    ended = true;
    for (const timer of timers) clearInterval(timer);
    ending.abort();
    controller?.close();
    settings.onEnd(why);
  };
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const send = (text: string): void => {
          if (ended) return;
          controller.enqueue(encoder.encode(text));
          if ((controller.desiredSize ?? 0) < 0) end("reader-too-slow", controller);
        };
        const beat = setInterval(() => send(": beat\n\n"), deps.limits.heartbeatMs);
        const recheck = setInterval(() => {
          settings.stillAllowed().then(
            (allowed) => (allowed ? undefined : end("credential-ended", controller)),
            () => end("credential-ended", controller),
          );
        }, deps.limits.recheckMs);
        timers = [beat, recheck];
        settings.stopping.addEventListener("abort", () => end("server-stops", controller), { once: true });
        // A first line, so that the reader knows at once that it is connected.
        send(": tidegate\n\n");
        pump(deps.events(settings.after, ending.signal), send).then(
          () => end("source-ended", controller),
          () => end("source-failed", controller),
        );
      },
      cancel: () => end("reader-left", null),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: deps.limits.streamBufferBytes }),
  );
}

async function pump(source: AsyncIterable<SourcedEvent>, send: (text: string) => void): Promise<void> {
  for await (const event of source) send(toText(event));
}

/** One event in the format of the HTML standard. JSON has no bare line break, so `data` is one line. */
function toText(event: SourcedEvent): string {
  const { id, kind, object, at, body } = event;
  const wire: StreamEvent = { id, kind, object, at: at.toString(), body: body ?? null };
  return `id: ${id}\nevent: ${kind}\ndata: ${JSON.stringify(wire)}\n\n`;
}
