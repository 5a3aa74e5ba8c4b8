import type { ReactElement } from "react";
import { Link } from "@tanstack/react-router";
import { shortId } from "#web/release/deployment.ts";
import { useNow } from "#web/runtime/clock.ts";
import { Icon } from "#web/ui/icons.tsx";
import { Panel } from "#web/ui/page.tsx";
import { Badge, CommandLine, TimeText } from "#web/ui/widgets.tsx";
import { FileLink } from "./file-link.tsx";
import { partName, stepAnchor, stepLook, type Part, type Run, type RunStep } from "./run.ts";
import { lateSentence } from "./task.ts";

const parts: readonly Part[] = ["forward", "undo", "rollback"];

/** Every step of the run, those that have not begun included: its state, what it waits for and until when. */
export function StepList({ run }: { readonly run: Run }): ReactElement {
  return (
    <>
      {parts.map((part) => {
        const steps = run.steps.filter((step) => step.part === part);
        if (steps.length === 0) return null;
        return (
          <Panel key={part} title={partName(part)} side={partNote(part)}>
            <ol className="run-steps">
              {steps.map((step) => (
                <StepRow key={step.name} run={run.id} step={step} />
              ))}
            </ol>
          </Panel>
        );
      })}
    </>
  );
}

function partNote(part: Part): string | undefined {
  if (part === "undo") return "What was done is taken back, the last first";
  return part === "rollback" ? "Behind the undo, only if it is needed" : undefined;
}

function StepRow({ run, step }: { readonly run: string; readonly step: RunStep }): ReactElement {
  const now = useNow(5000);
  const look = stepLook(step.state);
  return (
    <li id={stepAnchor(step)} className={`run-step state-${step.state}`}>
      <div className="run-step-head">
        <a href={`#${stepAnchor(step)}`} className="run-step-name">
          {step.name}
        </a>
        <Badge {...look} />
        {step.begunAt !== null && (
          <span className="small dim">
            {step.endedAt === null ? (
              <>
                since <TimeText at={step.begunAt} now={now} />
              </>
            ) : (
              <>
                ended <TimeText at={step.endedAt} now={now} />
              </>
            )}
          </span>
        )}
        {step.deployment !== null && (
          <Link to="/deployments/$id" params={{ id: step.deployment }} className="small">
            Deployment {shortId(step.deployment)}
          </Link>
        )}
      </div>
      <p className="run-step-does">{step.does}</p>
      <Result run={run} step={step} />
      <Waiting step={step} now={now} />
      <Queue step={step} now={now} />
    </li>
  );
}

interface StepProps {
  readonly step: RunStep;
  readonly now: Temporal.Instant;
}

/** How it ended, what it looked at, whom it concerns and what it printed. */
function Result({ run, step }: { readonly run: string; readonly step: RunStep }): ReactElement {
  return (
    <>
      {step.outcome !== null && step.outcome !== step.does && <p className="run-step-outcome">{step.outcome}</p>}
      <Answer step={step} />
      <Consent run={run} step={step} />
      <Files run={run} step={step} />
      {step.checks.map(({ subject, check, outcome, sentence }) => (
        <p key={`${subject} ${check}`} className="small">
          <strong>{outcome}</strong> {check} of {subject}: {sentence}
        </p>
      ))}
      {step.contacts.map(({ team, persons, unknown }) => (
        <p key={team} className="small dim">
          On call for {team}: {unknown ?? (persons.length === 0 ? "nobody" : persons.join(", "))}
        </p>
      ))}
      {step.act?.output !== null && step.act?.output !== undefined && (
        <details className="small">
          <summary>What it printed ({step.act.output.bytes} bytes)</summary>
          <pre className="document">{step.act.output.text}</pre>
        </details>
      )}
    </>
  );
}

function Waiting({ step, now }: StepProps): ReactElement | null {
  const { waitsFor, task } = step;
  if (waitsFor === null) return null;
  return (
    <p className="small run-step-waits">
      <Icon name="clock" />
      <span>
        <span className="dim">Waits for:</span> {waitsFor.what}
        {waitsFor.until !== null && (
          <>
            {" "}
            <span className="dim">Until</span> <TimeText at={waitsFor.until} now={now} form="both" />.
          </>
        )}
        {task !== null && step.state === "running"
          ? ` ${lateSentence(task.whenLate)} ${task.answer.allowed ? "" : task.answer.because}`
          : waitsFor.afterwards !== null &&
            ` Then: ${waitsFor.afterwards.charAt(0).toLowerCase()}${waitsFor.afterwards.slice(1)}`}
      </span>
    </p>
  );
}

/** Consent that is asked for, what was decided, and the line with which somebody decides. */
function Consent({ run, step }: { readonly run: string; readonly step: RunStep }): ReactElement | null {
  const { consent } = step;
  if (consent === null) return null;
  const { approvals, roles, teams, contentDigest, decisions, decide, signature } = consent;
  const signing = signature ? " --sign-with FILE" : "";
  return (
    <div className="stack small run-consent">
      <p>
        <span className="dim">Asks for consent:</span> {approvals} of {[...roles, ...teams].join(", ")}
      </p>
      {decisions.map(({ person, decision, reason, at, signed, contentDigest: decidedOn }) => (
        <p key={`${person} ${at}`}>
          <strong>{person}</strong> {decision} it{signed && ", signed"}: {reason}
          {contentDigest !== null && decidedOn !== contentDigest && (
            <span className="dim"> Of another content: it does not count any more.</span>
          )}
        </p>
      ))}
      {step.state === "running" && !decide.allowed && <p className="dim">{decide.because}</p>}
      {decide.allowed && contentDigest !== null && (
        <div>
          <CommandLine
            command={`tidegate run decide ${run} ${step.name} --approve --content ${contentDigest} --note TEXT${signing}`}
          />
        </div>
      )}
    </div>
  );
}

/** What came with the answer as evidence. */
function Files({ run, step }: { readonly run: string; readonly step: RunStep }): ReactElement | null {
  if (step.files.length === 0) return null;
  return (
    <ul className="file-list" aria-label={`Files of ${step.name}`}>
      {step.files.map((file) => (
        <FileLink key={file.digest} run={run} file={file} />
      ))}
    </ul>
  );
}

function Answer({ step }: { readonly step: RunStep }): ReactElement | null {
  const given = Object.entries(step.answer?.form ?? {});
  if (given.length === 0) return null;
  return (
    <dl className="facts small">
      {given.map(([name, value]) => (
        <div key={name} className="facts-pair">
          <dt>{step.task?.form.find((field) => field.name === name)?.label ?? name}</dt>
          <dd>{typeof value === "boolean" ? (value ? "yes" : "no") : String(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

function Queue({ step, now }: StepProps): ReactElement | null {
  if (step.queue.length === 0) return null;
  return (
    <ul className="run-queue">
      {step.queue.map(({ resource, position, capacity, holders, expected }) => (
        <li key={resource} className="small">
          <strong>
            Place {position} for <Link to="/resources">{resource}</Link>
          </strong>{" "}
          <span className="dim">({capacity} at once).</span>{" "}
          {holders.map((holder) => (
            <span key={`${holder.run} ${holder.part} ${holder.name}`}>
              Held by{" "}
              <Link to="/runs/$id" params={{ id: holder.run }} hash={stepAnchor(holder)}>
                {holder.name} of {shortId(holder.run)}
              </Link>
              {holder.until !== null && (
                <>
                  {" "}
                  until <TimeText at={holder.until} now={now} /> at the latest
                </>
              )}
              .{" "}
            </span>
          ))}
          {expected !== null && (
            <>
              It may begin <TimeText at={expected.from} now={now} /> at the soonest,{" "}
              <TimeText at={expected.to} now={now} /> at the latest.
            </>
          )}
        </li>
      ))}
    </ul>
  );
}
