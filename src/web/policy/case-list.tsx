import type { ReactElement } from "react";
import { Link } from "@tanstack/react-router";
import { useNow } from "#web/runtime/clock.ts";
import { absolute } from "#web/ui/time.ts";
import { Badge, TimeText } from "#web/ui/widgets.tsx";
import { explained, type CaseResult } from "./cases.ts";
import { classes } from "./search.ts";

/** Each case with its question; of a failing one what was expected, what came, and the way to the whole answer. */
export function CaseList({ cases }: { readonly cases: readonly CaseResult[] }): ReactElement {
  return (
    <ul className="cases">
      {cases.map((one) => (
        <CaseLine key={one.name} one={one} />
      ))}
    </ul>
  );
}

function CaseLine({ one }: { readonly one: CaseResult }): ReactElement {
  const now = useNow(60_000);
  const hasFailed = one.failures.length > 0;
  return (
    <li>
      <Badge
        tone={hasFailed ? "bad" : "good"}
        icon={hasFailed ? "cross" : "check"}
        label={hasFailed ? "Fails" : "Passes"}
      />
      <div className="grow">
        <p>
          <strong className="mono">{one.name}</strong>
          {one.verdict !== null && <span className="dim"> · answered {one.verdict}</span>}
        </p>
        {one.description !== null && <p>{one.description}</p>}
        {one.question !== null && <Question question={one.question} />}
        {one.failures.map((failure) => (
          <Failure key={failure} failure={failure} />
        ))}
        <p className="small dim">
          <span className="mono">{one.place}</span>, applied by {one.appliedBy}{" "}
          <TimeText at={one.appliedAt} now={now} />
        </p>
      </div>
    </li>
  );
}

function Question({ question }: { readonly question: NonNullable<CaseResult["question"]> }): ReactElement {
  const { service, version, environment, at } = question;
  const changeClass = classes.find((one) => one === question.class);
  return (
    <p className="small">
      May {service} <span className="mono">{version}</span> go to {environment} on{" "}
      {absolute(Temporal.Instant.from(at), "UTC")}
      {question.class !== "normal" && ` as ${question.class}`}?{" "}
      <Link to="/why" search={{ service, version, environment, at, ...(changeClass && { class: changeClass }) }}>
        Ask it of what is in force
      </Link>
    </p>
  );
}

function Failure({ failure }: { readonly failure: string }): ReactElement {
  const { about, expected, got } = explained(failure);
  if (expected === null) return <p className="case-failure tone-bad">{got}</p>;
  return (
    <dl className="case-failure tone-bad">
      <dt>About</dt>
      <dd className="mono">{about}</dd>
      <dt>Expected</dt>
      <dd>{expected}</dd>
      <dt>Came</dt>
      <dd>{got}</dd>
    </dl>
  );
}
