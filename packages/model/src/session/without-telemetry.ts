// ONNX Runtime sends usage data to its maker from 1.29 on unless this stands in the environment
// before it begins (microsoft/onnxruntime pull request 27379).
process.env["ORT_DISABLE_TELEMETRY"] ??= "1";
