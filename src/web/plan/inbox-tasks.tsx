import { useState, type ReactElement } from "react";
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { shortId } from "#web/release/deployment.ts";
import { useNow } from "#web/runtime/clock.ts";
import { Panel } from "#web/ui/page.tsx";
import { ErrorNote, TimeText } from "#web/ui/widgets.tsx";
import { tasksQuery, type Task } from "./queries.ts";
import { stepAnchor } from "./run.ts";
import { ConsentForm } from "./consent-form.tsx";
import { TaskForm } from "./task-form.tsx";
import { lateSentence } from "./task.ts";
import "./plan.css";

/** Steps of runs that ask this person, answered on the spot, and runs that miss an overseer. */
export function InboxTasks(): ReactElement | null {
  const now = useNow(5000);
  const { data, error } = useQuery(tasksQuery);
  if (error !== null) return <ErrorNote error={error} />;
  if (data === undefined || data.items.length + data.unseen.length === 0) return null;
  return (
    <Panel title="Runs ask you">
      <ul className="run-steps">
        {data.unseen.map((run) => (
          <li key={run.run} className="run-step">
            <Link to="/runs/$id" params={{ id: run.run }} search={{ ask: "oversee" }} data-row-link>
              {run.runbook} needs an overseer of {run.asked}
            </Link>
            <p className="small dim">
              {run.owner} owns it. What changes something waits until somebody is present; the way back begins by itself{" "}
              <TimeText at={run.latestRollbackStart} now={now} />.
            </p>
          </li>
        ))}
        {data.items.map((task) => (
          <TaskEntry key={`${task.run} ${task.part} ${task.step}`} task={task} now={now} />
        ))}
      </ul>
    </Panel>
  );
}

function TaskEntry({ task, now }: { readonly task: Task; readonly now: Temporal.Instant }): ReactElement {
  const [isOpen, setIsOpen] = useState(false);
  const { run, runbook, part, step, who, instruction, deadline, whenLate, consent } = task;
  return (
    <li className="run-step">
      <div className="run-step-head">
        <Link
          to="/runs/$id"
          params={{ id: run }}
          hash={stepAnchor({ part, name: step })}
          className="run-step-name"
          data-row-link
        >
          {step} of {runbook}
        </Link>
        <span className="small dim">
          {consent === null ? "asks" : "asks for the consent of"} {who} · run{" "}
          <span className="mono">{shortId(run)}</span>
        </span>
      </div>
      {!isOpen && <p>{instruction}</p>}
      {!isOpen && (
        <p className="small dim">
          Until <TimeText at={deadline} now={now} form="both" />.{" "}
          {consent === null ? lateSentence(whenLate) : `${consent.startedBy} began it: ${consent.reason}`}
        </p>
      )}
      {isOpen ? (
        <TaskEntryForm task={task} />
      ) : (
        <div>
          <Button size="xs" onClick={() => setIsOpen(true)}>
            {consent === null ? "Answer…" : "Decide…"}
            <span className="hidden-visually"> {step}</span>
          </Button>
        </div>
      )}
    </li>
  );
}

function TaskEntryForm({ task }: { readonly task: Task }): ReactElement {
  const { run, part, step: name, instruction, deadline, signature, consent } = task;
  if (consent === null) return <TaskForm run={run} step={{ part, name, deadline, does: instruction, task }} />;
  return <ConsentForm run={run} asked={{ part, name, instruction, deadline, signature, ...consent }} />;
}
