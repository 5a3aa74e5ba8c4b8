import "#web/runtime/no-eval.ts";
import "#web/ui/mantine.css";
import "#web/ui/tokens.css";
import "#web/ui/base.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { makeQueries, router } from "#web/routes.tsx";
import { adoptTheme, theme } from "#web/ui/theme.ts";

async function start(): Promise<void> {
  if (!("Temporal" in globalThis)) await import("temporal-polyfill/global");
  adoptTheme(document);
  const place = document.getElementById("root");
  if (place === null) throw new Error("the page has no place for the application");
  createRoot(place).render(
    <StrictMode>
      <MantineProvider theme={theme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
        <QueryClientProvider client={makeQueries()}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}

await start();
