"use client";

import { useState } from "react";
import { HalfIcon, MoonIcon, SunIcon } from "@/components/icons.tsx";
import { Button } from "@/components/ui/button.tsx";
import { THEME_COOKIE, type Theme } from "@/lib/theme.ts";

const NEXT: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };
const LOOKS = {
  system: { name: "as the system", Icon: HalfIcon },
  light: { name: "light", Icon: SunIcon },
  dark: { name: "dark", Icon: MoonIcon },
} as const;

/** Steps through system, light and dark. */
export function ThemeToggle({ initial }: { readonly initial: Theme }) {
  const [theme, setTheme] = useState(initial);
  const { name, Icon } = LOOKS[theme];
  const change = () => {
    const next = NEXT[theme];
    setTheme(next);
    if (next === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = next;
    document.cookie = `${THEME_COOKIE}=${next}; path=/; max-age=31536000; samesite=lax`;
  };
  return (
    <Button
      variant="ghost"
      size="icon"
      onClick={change}
      aria-label={`Colours: ${name}. Change to ${LOOKS[NEXT[theme]].name}`}
      title={`Colours: ${name}`}
    >
      <Icon className="size-5" />
    </Button>
  );
}
