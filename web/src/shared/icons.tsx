// The few line icons of the customer pages, drawn for this project.

import type { ReactNode, SVGProps } from "react";

function Icon({ children, ...props }: SVGProps<SVGSVGElement> & { children: ReactNode }) {
  return (
    <svg
      viewBox="0 0 24 24"
      width="1.25em"
      height="1.25em"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
      {...props}
    >
      {children}
    </svg>
  );
}

/** The bank's mark: a spruce on a ridge. */
export function Spruce({ size = 36 }: { size?: number }) {
  return (
    <svg viewBox="0 0 40 40" width={size} height={size} aria-hidden="true" focusable="false">
      <rect width="40" height="40" rx="12" fill="var(--spruce-700)" />
      <path d="M20 6.5 27 16h-3.4l5 6.6h-3.9l6 7.9H9.3l6-7.9h-3.9l5-6.6H13z" fill="#fff" />
      <path d="M20 13v20" stroke="var(--spruce-700)" strokeWidth="1.4" strokeLinecap="round" />
      <path d="M18.2 30.5h3.6v4h-3.6z" fill="#fff" />
    </svg>
  );
}

export const HeadsetIcon = () => (
  <Icon>
    <path d="M4 14v-2a8 8 0 0 1 16 0v2" />
    <path d="M4 14.5A1.5 1.5 0 0 1 5.5 13H7v6H5.500A1.5 1.5 0 0 1 4 17.500zM20 14.500a1.5 1.5 0 0 0-1.5-1.500H17v6h1.500a1.5 1.5 0 0 0 1.5-1.500z" />
    <path d="M19.5 18.500c-.6 1.700-2.5 2.5-5 2.5" />
  </Icon>
);
export const HistoryIcon = () => (
  <Icon>
    <path d="M3.5 12a8.5 8.5 0 1 0 2.600-6.100L3.5 8.300" />
    <path d="M3.5 3.800v4.500H8M12 7.500V12l3 2" />
  </Icon>
);
export const SendIcon = () => (
  <Icon>
    <path d="M12 19V5.500M6 11l6-6 6 6" />
  </Icon>
);
export const CloseIcon = () => (
  <Icon>
    <path d="M6 6l12 12M18 6 6 18" />
  </Icon>
);
export const DownIcon = () => (
  <Icon>
    <path d="M12 5v13.500M6 13l6 6 6-6" />
  </Icon>
);
export const RightIcon = () => (
  <Icon>
    <path d="m9 5.5 6.5 6.500L9 18.5" />
  </Icon>
);
export const CheckIcon = () => (
  <Icon>
    <path d="m5 12.5 4.5 4.500L19 7.5" />
  </Icon>
);
export const ClockIcon = () => (
  <Icon>
    <circle cx="12" cy="12" r="8.5" />
    <path d="M12 7.500V12l3 2" />
  </Icon>
);
export const WarnIcon = () => (
  <Icon>
    <path d="M12 4 21 19.500H3zM12 10v4.500M12 17v.2" />
  </Icon>
);
export const ShieldIcon = () => (
  <Icon>
    <path d="M12 3.5 19 6v5.500c0 4.300-2.900 7.5-7 9-4.100-1.5-7-4.700-7-9V6z" />
    <path d="m9 12 2.200 2.200L15.200 10" />
  </Icon>
);
export const BookIcon = () => (
  <Icon>
    <path d="M5 5.500A1.5 1.5 0 0 1 6.5 4H19v13.500H6.500A1.5 1.5 0 0 0 5 19zM5 19a1.5 1.5 0 0 0 1.5 1.500H19v-3M9 8.500h6" />
  </Icon>
);
export const ExternalIcon = () => (
  <Icon>
    <path d="M14 5h5v5M19 5l-8 8M17 13.500V18a1.5 1.5 0 0 1-1.5 1.500H6.500A1.5 1.5 0 0 1 5 18V8.500A1.5 1.5 0 0 1 6.5 7H11" />
  </Icon>
);
export const CardIcon = () => (
  <Icon>
    <rect x="3" y="5.5" width="18" height="13" rx="2.5" />
    <path d="M3 10h18M7 15h3" />
  </Icon>
);
export const ListIcon = () => (
  <Icon>
    <path d="M8 7h12M8 12h12M8 17h12M4 7h.1M4 12h.1M4 17h.1" />
  </Icon>
);
export const CalculatorIcon = () => (
  <Icon>
    <rect x="5" y="3.5" width="14" height="17" rx="2.5" />
    <path d="M8.5 7.500h7M8.5 12h.1M12 12h.1M15.5 12h.1M8.5 16h.1M12 16h3.5" />
  </Icon>
);
export const InfoIcon = () => (
  <Icon>
    <circle cx="12" cy="12" r="8.5" />
    <path d="M12 11v5M12 8v.1" />
  </Icon>
);
export const PhoneIcon = () => (
  <Icon>
    <rect x="7" y="3" width="10" height="18" rx="2.5" />
    <path d="M11 18h2" />
  </Icon>
);
export const DeskIcon = () => (
  <Icon>
    <rect x="3.5" y="5" width="17" height="11" rx="2" />
    <path d="M9 20h6M12 16v4" />
  </Icon>
);
export const PersonIcon = () => (
  <Icon>
    <circle cx="12" cy="8.5" r="3.5" />
    <path d="M5 20c.6-3.700 3.300-5.5 7-5.500s6.400 1.800 7 5.5" />
  </Icon>
);
