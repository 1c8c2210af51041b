"use strict";

// Numbers as people read them. No-break spaces keep a number and its unit together.
const space = "\u00a0";

const format = {
  grouped(number, digits) {
    return number.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  },
  // As many digits as tell something.
  significant(number) {
    if (number === 0) return "0";
    const digits = number >= 100 ? 0 : number >= 10 ? 1 : number >= 1 ? 2 : 3;
    return number >= 0.001 ? format.grouped(number, digits) : "<0.001";
  },
  // Exact below a million.
  count(number) {
    if (number < 1e6) return format.grouped(number, 0);
    const [unit, scale] = number >= 1e12 ? ["T", 1e12] : number >= 1e9 ? ["G", 1e9] : ["M", 1e6];
    return format.significant(number / scale) + space + unit;
  },
  tokens(number) {
    return number >= 1e4 && number < 1e6 ? format.significant(number / 1e3) + space + "k" : format.count(number);
  },
  dollars(number) {
    if (number === 0) return "$0";
    if (number >= 1000) return "$" + format.grouped(number, 0);
    if (number >= 1) return "$" + format.grouped(number, 2);
    if (number < 0.000001) return "<$0.000001";
    return "$" + number.toFixed(Math.min(8, 2 - Math.floor(Math.log10(number)))).replace(/(\.\d\d\d*?)0+$/, "$1");
  },
  perHour(dollars) {
    return (dollars > 0 && dollars < 0.01 ? "<$0.01" : format.dollars(dollars)) + "/h";
  },
  percent(share) {
    if (share === 0) return "0%";
    const number = share * 100;
    return number < 0.01 ? "<0.01%" : format.grouped(number, number >= 10 ? 0 : number >= 0.1 ? 1 : 2) + "%";
  },
  seconds(number) {
    if (number < 1) return Math.round(number * 1000) + space + "ms";
    if (number < 100) return format.grouped(number, number >= 10 ? 1 : 2) + space + "s";
    return format.grouped(number / 60, 1) + space + "min";
  },
  // How long something lasts.
  span(seconds) {
    const part = (size, unit) => Math.floor(seconds / size) + space + unit;
    if (seconds < 120) return part(1, "s");
    if (seconds < 7200) return part(60, "min");
    return seconds < 172800 ? part(3600, "h") : part(86400, "days");
  },
  // Labels of an axis: short, and without digits that say nothing.
  short(number) {
    if (number >= 1e6) return +(number / 1e6).toPrecision(3) + "M";
    if (number >= 1e3) return +(number / 1e3).toPrecision(3) + "k";
    return String(+number.toPrecision(3));
  },
};
