import { createContext, useContext, useEffect, useState, type ReactElement, type ReactNode } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { api } from "#web/api.ts";
import { gather, queriesTouchedBy, type StreamLight } from "./events.ts";

const LightContext = createContext<StreamLight>("connecting");

export function useStreamLight(): StreamLight {
  return useContext(LightContext);
}

/** One connection to the events of the server for all pages; what they touch is read again. */
export function StreamProvider({ children }: { readonly children: ReactNode }): ReactElement {
  const queries = useQueryClient();
  const [light, setLight] = useState<StreamLight>("connecting");
  useEffect(() => {
    const ending = new AbortController();
    let hasBeenLost = false;
    const touch = gather(
      (keys) => {
        for (const queryKey of keys) void queries.invalidateQueries({ queryKey });
      },
      { set: (body, ms) => setTimeout(body, ms) },
    );
    const follow = async (): Promise<void> => {
      const events = api.events({
        signal: ending.signal,
        onState: (state) => {
          setLight(state.kind === "open" ? "live" : state.kind === "lost" ? "paused" : "refused");
          // What happened meanwhile may be older than what the server keeps for a resumed stream.
          if (state.kind === "open" && hasBeenLost) touch([[]]);
          hasBeenLost = state.kind !== "open";
        },
      });
      for await (const event of events) touch(queriesTouchedBy(event));
    };
    follow().catch(() => setLight("paused"));
    return () => ending.abort();
  }, [queries]);
  return <LightContext value={light}>{children}</LightContext>;
}
