import { z } from "zod";

// Compiled validators need `eval`, which the content security policy forbids. Schemas ask when they are made, so this
// module is the first that the entry imports.
z.config({ jitless: true });
