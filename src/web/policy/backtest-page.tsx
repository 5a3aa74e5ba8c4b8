import { useRef, useState, type ReactElement, type SubmitEvent } from "react";
import { Button, Textarea } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { present } from "#web/release/search.ts";
import { useNow } from "#web/runtime/clock.ts";
import { Page } from "#web/ui/page.tsx";
import { fromLocalField, toLocalField, viewerZone, wire } from "#web/ui/time.ts";
import { CommandLine, ErrorNote } from "#web/ui/widgets.tsx";
import { runBacktest, type BacktestQuestion, type BacktestReport } from "./backtest.ts";
import { BacktestReportView } from "./backtest-report.tsx";
import type { BacktestSearch } from "./search.ts";
import "./policies.css";

/** A quarter of a year: what a draft would have done to it is the usual question. */
const usualDays = 90;

const example = `kind: Freeze
metadata: { name: quarter-end }
spec:
  scope: { tags: [financial] }
  strength: hard
  zone: Europe/Berlin
  start: 2026-03-31T18:00
  end: 2026-04-02T06:00
  owner: finance
  reason: The books of the quarter are closed.
`;

interface Backtest {
  readonly report: BacktestReport | null;
  readonly error: unknown;
  readonly isRunning: boolean;
  readonly run: (question: BacktestQuestion) => void;
  readonly stop: () => void;
}

/** One back-test at a time; stopping keeps what has been found so far. */
function useBacktest(): Backtest {
  const [report, setReport] = useState<BacktestReport | null>(null);
  const ending = useRef<AbortController>(undefined);
  const { mutate, error, isPending } = useMutation({
    mutationFn: async (question: BacktestQuestion) => {
      const mine = new AbortController();
      ending.current = mine;
      setReport(null);
      try {
        await runBacktest(question, setReport, mine.signal);
      } catch (cause) {
        if (!mine.signal.aborted) throw cause;
      }
    },
  });
  const stop = (): void => ending.current?.abort();
  return { report, error, isRunning: isPending, run: mutate, stop };
}

/** What a draft would have done to what was decided: asked before it is applied, and nothing is stored. */
export function BacktestPage(): ReactElement {
  const search = useSearch({ from: "/backtest" });
  const navigate = useNavigate({ from: "/backtest" });
  const now = useNow(60_000);
  const [text, setText] = useState("");
  const { report, error, isRunning, run, stop } = useBacktest();
  const change = (part: BacktestSearch): void =>
    void navigate({ search: present({ ...search, ...part }), replace: true });
  const since = search.since ?? wire(now.subtract({ hours: usualDays * 24 }));
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    run({ text, since, until: search.until });
  };
  return (
    <Page title="Back-test a draft">
      <form className="panel backtest-form" onSubmit={submit}>
        <DraftField text={text} onText={setText} />
        <div className="backtest-span">
          <Moment label="Since" at={since} onAt={(at) => change({ since: at })} />
          <Moment label="Until, or empty: now" at={search.until} onAt={(at) => change({ until: at })} />
          <Button type="submit" loading={isRunning}>
            Back-test it
          </Button>
          {isRunning && (
            <Button variant="default" onClick={stop}>
              Stop
            </Button>
          )}
          <span className="small dim">Nothing is changed or stored.</span>
        </div>
      </form>
      {error !== null && <ErrorNote error={error} />}
      {report !== null && (
        <BacktestReportView
          report={report}
          isRunning={isRunning}
          kind={search.kind}
          onKind={(kind) => change({ kind })}
        />
      )}
      <div>
        <CommandLine command="tidegate policy backtest draft.yaml" />
      </div>
    </Page>
  );
}

function DraftField(props: { readonly text: string; readonly onText: (text: string) => void }): ReactElement {
  return (
    <Textarea
      label="Draft (YAML)"
      description="Policies, windows, freezes or routes to add, or to take the place of those of the same name."
      required
      withAsterisk={false}
      rows={10}
      spellCheck={false}
      placeholder={example}
      classNames={{ input: "mono" }}
      value={props.text}
      onChange={(event) => props.onText(event.currentTarget.value)}
    />
  );
}

interface MomentProps {
  readonly label: string;
  readonly at: string | undefined;
  readonly onAt: (at: string | undefined) => void;
}

function Moment({ label, at, onAt }: MomentProps): ReactElement {
  const zone = viewerZone();
  return (
    <label className="time-field">
      <span className="field-label">
        {label} ({zone})
      </span>
      <input
        type="datetime-local"
        value={at === undefined ? "" : toLocalField(Temporal.Instant.from(at), zone)}
        onChange={(event) => {
          const chosen = fromLocalField(event.currentTarget.value, zone);
          onAt(chosen === null ? undefined : wire(chosen));
        }}
      />
    </label>
  );
}
