import { z } from "zod";

const slug = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/);
const path = z.string().regex(/^\/[\x21-\x7e]{0,500}$/, "a path without blanks; write them as %20");
const headers = z.record(z.string().regex(/^[A-Za-z0-9-]{1,60}$/), z.string().max(500)).default({});

/** Who is asked: the version itself past its proxy, a ready version of a neighbour, or an address of this file. */
const recipient = z.union([
  z.literal("version"),
  z.string().regex(/^service:[a-z0-9][a-z0-9-]{0,62}$/),
  z.url({ protocol: /^https?$/ }),
]);

/** `{nonce}` in path, headers and body stands for a text that is new in every run. */
const call = z.strictObject({
  to: recipient.default("version"),
  method: z.enum(["GET", "POST", "PUT", "DELETE"]).default("GET"),
  path,
  headers,
  body: z.json().optional(),
});

const status = z.int().min(100).max(599);

/** What must be refused is, while an ordinary request of the same kind passes: a dead service refuses nothing. */
const refusedProbe = z.strictObject({
  kind: z.literal("refused"),
  ordinary: call,
  ordinaryStatus: z.array(status).min(1).max(20).default([200]),
  /** Looks like an attack and harms nothing, whoever answers it. */
  hostile: call,
  refusedWith: z.array(status).min(1).max(20).default([403]),
});

const tlsProbe = z.strictObject({
  kind: z.literal("tls"),
  host: z.string().min(1).max(253),
  port: z.int().min(1).max(65_535),
  /** Name in the certificate; the host when left out. */
  serverName: z.string().min(1).max(253).optional(),
  /** Nothing older is spoken there. */
  minVersion: z.enum(["TLSv1.2", "TLSv1.3"]).default("TLSv1.2"),
  /** Certificates that are trusted beside those of this machine, PEM. */
  caFile: z.string().min(1).max(500).optional(),
  /** Days that the certificate is valid for, at least. */
  days: z.int().min(0).max(1000).default(14),
});

/** A caller's subject goes in at the version, and has to be seen where the version calls. */
const identityProbe = z.strictObject({
  kind: z.literal("identity"),
  /** The subject of the probe; it stands for `{subject}` in both calls. */
  subject: z.string().regex(/^[\w.@:-]{1,100}$/),
  call,
  status: z.array(status).min(1).max(20).default([200]),
  /** Asked afterwards; its answer has to contain the subject. */
  seen: call,
  /** Longest time until the subject is seen there. */
  withinSeconds: z.int().min(1).max(120).default(10),
});

/** A text is stored through the version, and must not be found in the files that hold its data. */
const atRestProbe = z.strictObject({
  kind: z.literal("at-rest"),
  store: call,
  status: z.array(status).min(1).max(20).default([200, 201, 204]),
  /** Its answer has to contain the text: so it was stored. */
  readBack: call,
  files: z.array(z.string().startsWith("/").max(500)).min(1).max(50),
  /** Until what was stored is on disk. */
  afterSeconds: z.int().min(0).max(120).default(5),
});

/** A control that has to be proven after a version was put in place; addresses are in this file alone. */
export const controlSettings = z.strictObject({
  name: slug,
  service: slug,
  /** All of the agent when left out. */
  environments: z.array(slug).min(1).max(50).optional(),
  /** `prepared`: while no user sees the version; `live`: when it has all the traffic. */
  when: z.enum(["prepared", "live"]).default("prepared"),
  /** What a control that is not proven asks for. */
  onFailure: z.enum(["roll-back", "hold"]).default("roll-back"),
  probe: z.discriminatedUnion("kind", [refusedProbe, tlsProbe, identityProbe, atRestProbe]),
});

export type ControlSettings = z.infer<typeof controlSettings>;
export type Call = z.infer<typeof call>;
export type ProbeOf<K extends ControlSettings["probe"]["kind"]> = Extract<
  ControlSettings["probe"],
  { readonly kind: K }
>;
