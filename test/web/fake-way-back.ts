import type { DeploymentDetail } from "#web/release/deployment.ts";
import type { Decision, WayBack } from "#web/rollback/way-back.ts";
import { text } from "#test/web/fake-world.ts";

/** A plan with limits; of what has gone live also an alert that somebody has to decide on. */
export function wayBackOf(it: DeploymentDetail, now: Temporal.Instant): WayBack {
  const isLive = it.state === "succeeded";
  return {
    service: it.service,
    version: it.version,
    environment: it.environment,
    former: it.control,
    how: "At once to 100 %, because it is a way back: strategy way-back.",
    plan: {
      document: it.service,
      triggers: ["More than 2 % of the orders fail.", "Balances do not match."],
      steps: ["All traffic goes back to the version before.", "The scripts of the version are taken back."],
      expectedSeconds: 1_200,
      pointOfNoReturn: { percent: 100, why: "The nightly billing has read the new format.", whenSilent: "go-on" },
      limits: [
        {
          service: "ledger-core",
          cannot: "Postings that were consumed stay posted.",
          remedy: "Payments reverses them with the report of the run.",
        },
      ],
    },
    missing: isLive ? [] : [{ service: "mailer", kind: "message" }],
    time: isLive ? { seconds: 2_280, known: "rehearsed" } : { seconds: 1_200, known: "estimate" },
    latestStart: isLive ? { at: text(now.add({ minutes: 52 })), closesAt: text(now.add({ minutes: 90 })) } : null,
    isPastNoReturn: isLive,
    rehearsal: isLive
      ? {
          run: `run_${"0".repeat(32)}`,
          service: it.service,
          version: it.version,
          digest: it.digest,
          former: it.control ?? "",
          formerDigest: `sha256:${"0".repeat(64)}`,
          environment: "staging",
          at: text(now.subtract({ hours: 30 })),
          outcome: "pass",
          seconds: 2_280,
          compared: ["orders.order_line", "orders.orders"],
          differing: [],
          reason: null,
        }
      : null,
    rehearsedIn: "staging",
    configuration:
      "Files, arguments and variables are part of the digest and go back with the version. Configuration that is kept elsewhere has no versions here and is not taken back: say in a limit what becomes of it.",
    decisions: isLive ? [openDecision(it, now)] : [],
    left: isLive ? leftRunning(it.control ?? "", now) : [],
    actions: isLive
      ? [
          { name: "decide", allowed: true, because: "" },
          { name: "state", allowed: true, because: "" },
        ]
      : [],
  };
}

/** One that its sessions keep up, and one whose sessions were ended. */
function leftRunning(version: string, now: Temporal.Instant): WayBack["left"] {
  const left = { leftAt: text(now.subtract({ minutes: 20 })), isExact: true, asked: 2, endWantedBy: null };
  const ended = { at: text(now.subtract({ minutes: 3 })), how: "forced", forcedOut: 3 } as const;
  return [
    { ...left, version, sessions: 12, askAt: text(now.add({ minutes: 10 })), ended: null },
    { ...left, version: "4.9.0", sessions: 3, askAt: null, ended },
  ];
}

function openDecision({ id }: DeploymentDetail, now: Temporal.Instant): Decision {
  return {
    id: `rdc_${"0".repeat(32)}`,
    deployment: id,
    cause: "alert",
    because: "2.5 % of the requests have failed for three minutes.",
    openedAt: text(now.subtract({ minutes: 4 })),
    expiresAt: text(now.add({ minutes: 6 })),
    whenSilent: "go-back",
    decider: "ana",
    deputy: "kemal",
    downtimeSeconds: 1_500,
    stakeholders: [{ who: "finn", deputy: "gina" }],
    statements: [
      {
        at: text(now.subtract({ minutes: 1 })),
        person: "finn",
        kind: "answer",
        option: "go-on",
        text: "Stay live: the fair opens in ten minutes.",
      },
    ],
    ended: null,
  };
}
