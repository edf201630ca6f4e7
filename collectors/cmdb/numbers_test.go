package cmdb

import "testing"

func TestNumbers(t *testing.T) {
	plain, date, both, clock := cellFormat{}, cellFormat{shown: shownDate}, cellFormat{shown: shownDateTime}, cellFormat{shown: shownTime}
	padded, mac := cellFormat{shown: shownPadded, digits: 5}, cellFormat{shown: shownDate, date1904: true}
	tests := []struct {
		format      cellFormat
		value, want string
	}{
		{plain, "12345678901", "12345678901"},
		{plain, "1.2345678901E10", "12345678901"},
		{plain, " 7 ", "7"},
		{plain, "+007", "7"},
		{plain, "-0", "-0"},
		{plain, "000", "0"},
		{plain, "1234567890123456789", "1234567890123456789"},
		{plain, "-1234567890123456789", "-1234567890123456789"},
		{plain, "1.2345678901234567E+19", "1.23456789012346E+19"},
		{plain, "0.30000000000000004", "0.3"},
		{plain, ".5", "0.5"},
		{plain, "5.", "5"},
		{plain, "1E400", "1E400"},
		{plain, "", ""},
		{plain, ".", "."},
		{plain, "1E", "1E"},
		{plain, "1e+", "1e+"},
		{plain, "-", "-"},
		{plain, "NaN", "NaN"},
		{plain, "0x10", "0x10"},
		{plain, "1_000", "1_000"},
		{plain, "2026-01-31", "2026-01-31"},
		{padded, "42", "00042"},
		{padded, "-42", "-00042"},
		{padded, "1234567", "1234567"},
		{padded, "41.5", "00042"},
		{padded, "-0.2", "-00000"},
		{padded, "-0", "00000"},
		{padded, "4.2E1", "00042"},
		{padded, "4.2E20", "4.2E+20"},
		{padded, "x", "x"},
		{date, "46053", "2026-01-31"},
		{date, "46053.75", "2026-01-31"},
		{both, "46053.75", "2026-01-31 18:00:00"},
		{both, "46053.999999999", "2026-02-01 00:00:00"},
		{clock, "46053.75", "18:00:00"},
		{clock, "0.75", "18:00:00"},
		{clock, "0", "00:00:00"},
		{date, "0", "1900-01-00"},
		{both, "0.5", "1900-01-00 12:00:00"},
		{date, "1", "1900-01-01"},
		{date, "32", "1900-02-01"},
		{date, "59", "1900-02-28"},
		{date, "60", "1900-02-29"},
		{date, "61", "1900-03-01"},
		{date, "2958465", "9999-12-31"},
		{date, "2958466", "2958466"},
		{date, "1E300", "1E+300"},
		{date, "-1", "-1"},
		{date, "n/a", "n/a"},
		{mac, "0", "1904-01-01"},
		{mac, "60", "1904-03-01"},
		{mac, "44591", "2026-01-31"},
		{mac, "2957003", "9999-12-31"},
		{mac, "2957004", "2957004"},
	}
	for _, tt := range tests {
		if have := string(tt.format.appendNumber([]byte("x"), []byte(tt.value))); have != "x"+tt.want {
			t.Errorf("%+v of %q is %q, want %q", tt.format, tt.value, have[1:], tt.want)
		}
	}
}

func TestDatesOfISO8601(t *testing.T) {
	plain, date, clock := cellFormat{}, cellFormat{shown: shownDate}, cellFormat{shown: shownTime}
	tests := []struct {
		format      cellFormat
		value, want string
	}{
		{plain, "2026-01-31", "2026-01-31"},
		{plain, "2026-01-31T10:00:00", "2026-01-31 10:00:00"},
		{plain, "2026-01-31T10:00:00.75Z", "2026-01-31 10:00:00"},
		{plain, "2026-01-31T10:00:00+02:00", "2026-01-31 08:00:00"},
		{plain, "20260131T100000Z", "2026-01-31 10:00:00"},
		{date, "2026-01-31T10:00:00", "2026-01-31"},
		{clock, "2026-01-31T10:00:00", "10:00:00"},
		{clock, "10:00:00", "10:00:00"},
		{plain, "2026-02-30T10:00:00", "2026-02-30T10:00:00"},
		{plain, "soon", "soon"},
	}
	for _, tt := range tests {
		if have := string(tt.format.appendDate(nil, []byte(tt.value))); have != tt.want {
			t.Errorf("%+v of %q is %q, want %q", tt.format, tt.value, have, tt.want)
		}
	}
}
