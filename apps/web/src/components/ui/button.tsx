import { Button as ButtonPrimitive } from "@base-ui/react/button";
import { clsx } from "clsx";
import type { ComponentProps } from "react";

const VARIANTS = {
  primary: "bg-iris text-on-iris hover:bg-iris/90",
  outline: "border border-edge bg-surface text-ink hover:bg-sunken",
  ghost: "text-ink hover:bg-sunken",
  danger: "border border-rose bg-surface text-rose hover:bg-rose-soft",
};

const SIZES = {
  sm: "h-8 px-3 text-sm pointer-coarse:h-11",
  // As high as a choice beside it.
  field: "h-9 px-4 text-sm pointer-coarse:h-11",
  md: "h-10 px-4 text-sm pointer-coarse:h-11",
  lg: "h-11 px-5 text-base",
  icon: "size-10 pointer-coarse:size-11",
};

interface ButtonLook {
  /** How loud. */
  readonly variant?: keyof typeof VARIANTS | undefined;
  readonly size?: keyof typeof SIZES | undefined;
}

/** Class names of a button, also for links that look like one. */
export function buttonClasses({ variant = "outline", size = "md" }: ButtonLook = {}): string {
  return clsx(
    "inline-flex shrink-0 items-center justify-center gap-2 rounded-md font-medium whitespace-nowrap transition-colors select-none disabled:opacity-55 aria-disabled:opacity-55",
    VARIANTS[variant],
    SIZES[size],
  );
}

/** A button. */
export function Button({
  className,
  variant,
  size,
  ...props
}: ComponentProps<typeof ButtonPrimitive> & ButtonLook) {
  return (
    <ButtonPrimitive className={clsx(buttonClasses({ variant, size }), className)} {...props} />
  );
}
