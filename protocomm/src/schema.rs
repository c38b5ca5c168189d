// Generated from ../proto by prost-build and protox. Do not edit:
// `BLESS=1 cargo test -p protocomm --test codegen` writes this file again.

use crate::tree::{Enum, Field, Kind, Message};

pub(crate) static STATUS: Enum = Enum {
    name: "Status",
    values: &[
        (0, "Success"),
        (1, "InvalidSecScheme"),
        (2, "InvalidProto"),
        (3, "TooManySessions"),
        (4, "InvalidArgument"),
        (5, "InternalError"),
        (6, "CryptoError"),
        (7, "InvalidSession"),
    ],
};

pub(crate) static SEC0_MSG_TYPE: Enum = Enum {
    name: "Sec0MsgType",
    values: &[
        (0, "S0_Session_Command"),
        (1, "S0_Session_Response"),
    ],
};

pub(crate) static S0_SESSION_CMD: Message = Message {
    name: "S0SessionCmd",
    fields: &[
    ],
};

pub(crate) static S0_SESSION_RESP: Message = Message {
    name: "S0SessionResp",
    fields: &[
        Field { number: 1, name: "status", kind: Kind::Enum(&STATUS), repeated: false, optional: false, secret: false },
    ],
};

pub(crate) static SEC0_PAYLOAD: Message = Message {
    name: "Sec0Payload",
    fields: &[
        Field { number: 1, name: "msg", kind: Kind::Enum(&SEC0_MSG_TYPE), repeated: false, optional: false, secret: false },
        Field { number: 20, name: "sc", kind: Kind::Message(&S0_SESSION_CMD), repeated: false, optional: true, secret: false },
        Field { number: 21, name: "sr", kind: Kind::Message(&S0_SESSION_RESP), repeated: false, optional: true, secret: false },
    ],
};

pub(crate) static SEC1_MSG_TYPE: Enum = Enum {
    name: "Sec1MsgType",
    values: &[
        (0, "Session_Command0"),
        (1, "Session_Response0"),
        (2, "Session_Command1"),
        (3, "Session_Response1"),
    ],
};

pub(crate) static SESSION_CMD0: Message = Message {
    name: "SessionCmd0",
    fields: &[
        Field { number: 1, name: "client_pubkey", kind: Kind::Bytes, repeated: false, optional: false, secret: false },
    ],
};

pub(crate) static SESSION_RESP0: Message = Message {
    name: "SessionResp0",
    fields: &[
        Field { number: 1, name: "status", kind: Kind::Enum(&STATUS), repeated: false, optional: false, secret: false },
        Field { number: 2, name: "device_pubkey", kind: Kind::Bytes, repeated: false, optional: false, secret: false },
        Field { number: 3, name: "device_random", kind: Kind::Bytes, repeated: false, optional: false, secret: false },
    ],
};

pub(crate) static SESSION_CMD1: Message = Message {
    name: "SessionCmd1",
    fields: &[
        Field { number: 2, name: "client_verify_data", kind: Kind::Bytes, repeated: false, optional: false, secret: false },
    ],
};

pub(crate) static SESSION_RESP1: Message = Message {
    name: "SessionResp1",
    fields: &[
        Field { number: 1, name: "status", kind: Kind::Enum(&STATUS), repeated: false, optional: false, secret: false },
        Field { number: 3, name: "device_verify_data", kind: Kind::Bytes, repeated: false, optional: false, secret: false },
    ],
};

pub(crate) static SEC1_PAYLOAD: Message = Message {
    name: "Sec1Payload",
    fields: &[
        Field { number: 1, name: "msg", kind: Kind::Enum(&SEC1_MSG_TYPE), repeated: false, optional: false, secret: false },
        Field { number: 20, name: "sc0", kind: Kind::Message(&SESSION_CMD0), repeated: false, optional: true, secret: false },
        Field { number: 21, name: "sr0", kind: Kind::Message(&SESSION_RESP0), repeated: false, optional: true, secret: false },
        Field { number: 22, name: "sc1", kind: Kind::Message(&SESSION_CMD1), repeated: false, optional: true, secret: false },
        Field { number: 23, name: "sr1", kind: Kind::Message(&SESSION_RESP1), repeated: false, optional: true, secret: false },
    ],
};

pub(crate) static SEC2_MSG_TYPE: Enum = Enum {
    name: "Sec2MsgType",
    values: &[
        (0, "S2Session_Command0"),
        (1, "S2Session_Response0"),
        (2, "S2Session_Command1"),
        (3, "S2Session_Response1"),
    ],
};

pub(crate) static S2_SESSION_CMD0: Message = Message {
    name: "S2SessionCmd0",
    fields: &[
        Field { number: 1, name: "client_username", kind: Kind::Bytes, repeated: false, optional: false, secret: false },
        Field { number: 2, name: "client_pubkey", kind: Kind::Bytes, repeated: false, optional: false, secret: false },
    ],
};

pub(crate) static S2_SESSION_RESP0: Message = Message {
    name: "S2SessionResp0",
    fields: &[
        Field { number: 1, name: "status", kind: Kind::Enum(&STATUS), repeated: false, optional: false, secret: false },
        Field { number: 2, name: "device_pubkey", kind: Kind::Bytes, repeated: false, optional: false, secret: false },
        Field { number: 3, name: "device_salt", kind: Kind::Bytes, repeated: false, optional: false, secret: false },
    ],
};

pub(crate) static S2_SESSION_CMD1: Message = Message {
    name: "S2SessionCmd1",
    fields: &[
        Field { number: 1, name: "client_proof", kind: Kind::Bytes, repeated: false, optional: false, secret: false },
    ],
};

pub(crate) static S2_SESSION_RESP1: Message = Message {
    name: "S2SessionResp1",
    fields: &[
        Field { number: 1, name: "status", kind: Kind::Enum(&STATUS), repeated: false, optional: false, secret: false },
        Field { number: 2, name: "device_proof", kind: Kind::Bytes, repeated: false, optional: false, secret: false },
        Field { number: 3, name: "device_nonce", kind: Kind::Bytes, repeated: false, optional: false, secret: false },
    ],
};

pub(crate) static SEC2_PAYLOAD: Message = Message {
    name: "Sec2Payload",
    fields: &[
        Field { number: 1, name: "msg", kind: Kind::Enum(&SEC2_MSG_TYPE), repeated: false, optional: false, secret: false },
        Field { number: 20, name: "sc0", kind: Kind::Message(&S2_SESSION_CMD0), repeated: false, optional: true, secret: false },
        Field { number: 21, name: "sr0", kind: Kind::Message(&S2_SESSION_RESP0), repeated: false, optional: true, secret: false },
        Field { number: 22, name: "sc1", kind: Kind::Message(&S2_SESSION_CMD1), repeated: false, optional: true, secret: false },
        Field { number: 23, name: "sr1", kind: Kind::Message(&S2_SESSION_RESP1), repeated: false, optional: true, secret: false },
    ],
};

pub(crate) static SEC_SCHEME_VERSION: Enum = Enum {
    name: "SecSchemeVersion",
    values: &[
        (0, "SecScheme0"),
        (1, "SecScheme1"),
        (2, "SecScheme2"),
    ],
};

pub(crate) static SESSION_DATA: Message = Message {
    name: "SessionData",
    fields: &[
        Field { number: 2, name: "sec_ver", kind: Kind::Enum(&SEC_SCHEME_VERSION), repeated: false, optional: false, secret: false },
        Field { number: 10, name: "sec0", kind: Kind::Message(&SEC0_PAYLOAD), repeated: false, optional: true, secret: false },
        Field { number: 11, name: "sec1", kind: Kind::Message(&SEC1_PAYLOAD), repeated: false, optional: true, secret: false },
        Field { number: 12, name: "sec2", kind: Kind::Message(&SEC2_PAYLOAD), repeated: false, optional: true, secret: false },
    ],
};

pub(crate) static WIFI_STATION_STATE: Enum = Enum {
    name: "WifiStationState",
    values: &[
        (0, "Connected"),
        (1, "Connecting"),
        (2, "Disconnected"),
        (3, "ConnectionFailed"),
    ],
};

pub(crate) static WIFI_CONNECT_FAILED_REASON: Enum = Enum {
    name: "WifiConnectFailedReason",
    values: &[
        (0, "AuthError"),
        (1, "WifiNetworkNotFound"),
    ],
};

pub(crate) static WIFI_AUTH_MODE: Enum = Enum {
    name: "WifiAuthMode",
    values: &[
        (0, "Open"),
        (1, "WEP"),
        (2, "WPA_PSK"),
        (3, "WPA2_PSK"),
        (4, "WPA_WPA2_PSK"),
        (5, "WPA2_ENTERPRISE"),
        (6, "WPA3_PSK"),
        (7, "WPA2_WPA3_PSK"),
    ],
};

pub(crate) static THREAD_NETWORK_STATE: Enum = Enum {
    name: "ThreadNetworkState",
    values: &[
        (0, "Attached"),
        (1, "Attaching"),
        (2, "Dettached"),
        (3, "AttachingFailed"),
    ],
};

pub(crate) static THREAD_ATTACH_FAILED_REASON: Enum = Enum {
    name: "ThreadAttachFailedReason",
    values: &[
        (0, "DatasetInvalid"),
        (1, "ThreadNetworkNotFound"),
    ],
};

pub(crate) static WIFI_CONNECTED_STATE: Message = Message {
    name: "WifiConnectedState",
    fields: &[
        Field { number: 1, name: "ip4_addr", kind: Kind::Text, repeated: false, optional: false, secret: false },
        Field { number: 2, name: "auth_mode", kind: Kind::Enum(&WIFI_AUTH_MODE), repeated: false, optional: false, secret: false },
        Field { number: 3, name: "ssid", kind: Kind::Bytes, repeated: false, optional: false, secret: false },
        Field { number: 4, name: "bssid", kind: Kind::Bytes, repeated: false, optional: false, secret: false },
        Field { number: 5, name: "channel", kind: Kind::Int32, repeated: false, optional: false, secret: false },
    ],
};

pub(crate) static WIFI_ATTEMPT_FAILED: Message = Message {
    name: "WifiAttemptFailed",
    fields: &[
        Field { number: 1, name: "attempts_remaining", kind: Kind::Uint32, repeated: false, optional: false, secret: false },
    ],
};

pub(crate) static THREAD_ATTACH_STATE: Message = Message {
    name: "ThreadAttachState",
    fields: &[
        Field { number: 1, name: "pan_id", kind: Kind::Uint32, repeated: false, optional: false, secret: false },
        Field { number: 2, name: "ext_pan_id", kind: Kind::Bytes, repeated: false, optional: false, secret: false },
        Field { number: 3, name: "channel", kind: Kind::Uint32, repeated: false, optional: false, secret: false },
        Field { number: 4, name: "name", kind: Kind::Text, repeated: false, optional: false, secret: false },
    ],
};

pub(crate) static NETWORK_CONFIG_MSG_TYPE: Enum = Enum {
    name: "NetworkConfigMsgType",
    values: &[
        (0, "TypeCmdGetWifiStatus"),
        (1, "TypeRespGetWifiStatus"),
        (2, "TypeCmdSetWifiConfig"),
        (3, "TypeRespSetWifiConfig"),
        (4, "TypeCmdApplyWifiConfig"),
        (5, "TypeRespApplyWifiConfig"),
        (6, "TypeCmdGetThreadStatus"),
        (7, "TypeRespGetThreadStatus"),
        (8, "TypeCmdSetThreadConfig"),
        (9, "TypeRespSetThreadConfig"),
        (10, "TypeCmdApplyThreadConfig"),
        (11, "TypeRespApplyThreadConfig"),
    ],
};

pub(crate) static CMD_GET_WIFI_STATUS: Message = Message {
    name: "CmdGetWifiStatus",
    fields: &[
    ],
};

pub(crate) static RESP_GET_WIFI_STATUS: Message = Message {
    name: "RespGetWifiStatus",
    fields: &[
        Field { number: 1, name: "status", kind: Kind::Enum(&STATUS), repeated: false, optional: false, secret: false },
        Field { number: 2, name: "wifi_sta_state", kind: Kind::Enum(&WIFI_STATION_STATE), repeated: false, optional: false, secret: false },
        Field { number: 10, name: "wifi_fail_reason", kind: Kind::Enum(&WIFI_CONNECT_FAILED_REASON), repeated: false, optional: true, secret: false },
        Field { number: 11, name: "wifi_connected", kind: Kind::Message(&WIFI_CONNECTED_STATE), repeated: false, optional: true, secret: false },
        Field { number: 12, name: "attempt_failed", kind: Kind::Message(&WIFI_ATTEMPT_FAILED), repeated: false, optional: true, secret: false },
    ],
};

pub(crate) static CMD_SET_WIFI_CONFIG: Message = Message {
    name: "CmdSetWifiConfig",
    fields: &[
        Field { number: 1, name: "ssid", kind: Kind::Bytes, repeated: false, optional: false, secret: false },
        Field { number: 2, name: "passphrase", kind: Kind::Bytes, repeated: false, optional: false, secret: true },
        Field { number: 3, name: "bssid", kind: Kind::Bytes, repeated: false, optional: false, secret: false },
        Field { number: 4, name: "channel", kind: Kind::Int32, repeated: false, optional: false, secret: false },
    ],
};

pub(crate) static RESP_SET_WIFI_CONFIG: Message = Message {
    name: "RespSetWifiConfig",
    fields: &[
        Field { number: 1, name: "status", kind: Kind::Enum(&STATUS), repeated: false, optional: false, secret: false },
    ],
};

pub(crate) static CMD_APPLY_WIFI_CONFIG: Message = Message {
    name: "CmdApplyWifiConfig",
    fields: &[
    ],
};

pub(crate) static RESP_APPLY_WIFI_CONFIG: Message = Message {
    name: "RespApplyWifiConfig",
    fields: &[
        Field { number: 1, name: "status", kind: Kind::Enum(&STATUS), repeated: false, optional: false, secret: false },
    ],
};

pub(crate) static CMD_GET_THREAD_STATUS: Message = Message {
    name: "CmdGetThreadStatus",
    fields: &[
    ],
};

pub(crate) static RESP_GET_THREAD_STATUS: Message = Message {
    name: "RespGetThreadStatus",
    fields: &[
        Field { number: 1, name: "status", kind: Kind::Enum(&STATUS), repeated: false, optional: false, secret: false },
        Field { number: 2, name: "thread_state", kind: Kind::Enum(&THREAD_NETWORK_STATE), repeated: false, optional: false, secret: false },
        Field { number: 10, name: "thread_fail_reason", kind: Kind::Enum(&THREAD_ATTACH_FAILED_REASON), repeated: false, optional: true, secret: false },
        Field { number: 11, name: "thread_attached", kind: Kind::Message(&THREAD_ATTACH_STATE), repeated: false, optional: true, secret: false },
    ],
};

pub(crate) static CMD_SET_THREAD_CONFIG: Message = Message {
    name: "CmdSetThreadConfig",
    fields: &[
        Field { number: 1, name: "dataset", kind: Kind::Bytes, repeated: false, optional: false, secret: true },
    ],
};

pub(crate) static RESP_SET_THREAD_CONFIG: Message = Message {
    name: "RespSetThreadConfig",
    fields: &[
        Field { number: 1, name: "status", kind: Kind::Enum(&STATUS), repeated: false, optional: false, secret: false },
    ],
};

pub(crate) static CMD_APPLY_THREAD_CONFIG: Message = Message {
    name: "CmdApplyThreadConfig",
    fields: &[
    ],
};

pub(crate) static RESP_APPLY_THREAD_CONFIG: Message = Message {
    name: "RespApplyThreadConfig",
    fields: &[
        Field { number: 1, name: "status", kind: Kind::Enum(&STATUS), repeated: false, optional: false, secret: false },
    ],
};

pub(crate) static NETWORK_CONFIG_PAYLOAD: Message = Message {
    name: "NetworkConfigPayload",
    fields: &[
        Field { number: 1, name: "msg", kind: Kind::Enum(&NETWORK_CONFIG_MSG_TYPE), repeated: false, optional: false, secret: false },
        Field { number: 10, name: "cmd_get_wifi_status", kind: Kind::Message(&CMD_GET_WIFI_STATUS), repeated: false, optional: true, secret: false },
        Field { number: 11, name: "resp_get_wifi_status", kind: Kind::Message(&RESP_GET_WIFI_STATUS), repeated: false, optional: true, secret: false },
        Field { number: 12, name: "cmd_set_wifi_config", kind: Kind::Message(&CMD_SET_WIFI_CONFIG), repeated: false, optional: true, secret: false },
        Field { number: 13, name: "resp_set_wifi_config", kind: Kind::Message(&RESP_SET_WIFI_CONFIG), repeated: false, optional: true, secret: false },
        Field { number: 14, name: "cmd_apply_wifi_config", kind: Kind::Message(&CMD_APPLY_WIFI_CONFIG), repeated: false, optional: true, secret: false },
        Field { number: 15, name: "resp_apply_wifi_config", kind: Kind::Message(&RESP_APPLY_WIFI_CONFIG), repeated: false, optional: true, secret: false },
        Field { number: 16, name: "cmd_get_thread_status", kind: Kind::Message(&CMD_GET_THREAD_STATUS), repeated: false, optional: true, secret: false },
        Field { number: 17, name: "resp_get_thread_status", kind: Kind::Message(&RESP_GET_THREAD_STATUS), repeated: false, optional: true, secret: false },
        Field { number: 18, name: "cmd_set_thread_config", kind: Kind::Message(&CMD_SET_THREAD_CONFIG), repeated: false, optional: true, secret: false },
        Field { number: 19, name: "resp_set_thread_config", kind: Kind::Message(&RESP_SET_THREAD_CONFIG), repeated: false, optional: true, secret: false },
        Field { number: 20, name: "cmd_apply_thread_config", kind: Kind::Message(&CMD_APPLY_THREAD_CONFIG), repeated: false, optional: true, secret: false },
        Field { number: 21, name: "resp_apply_thread_config", kind: Kind::Message(&RESP_APPLY_THREAD_CONFIG), repeated: false, optional: true, secret: false },
    ],
};

pub(crate) static NETWORK_SCAN_MSG_TYPE: Enum = Enum {
    name: "NetworkScanMsgType",
    values: &[
        (0, "TypeCmdScanWifiStart"),
        (1, "TypeRespScanWifiStart"),
        (2, "TypeCmdScanWifiStatus"),
        (3, "TypeRespScanWifiStatus"),
        (4, "TypeCmdScanWifiResult"),
        (5, "TypeRespScanWifiResult"),
        (6, "TypeCmdScanThreadStart"),
        (7, "TypeRespScanThreadStart"),
        (8, "TypeCmdScanThreadStatus"),
        (9, "TypeRespScanThreadStatus"),
        (10, "TypeCmdScanThreadResult"),
        (11, "TypeRespScanThreadResult"),
    ],
};

pub(crate) static CMD_SCAN_WIFI_START: Message = Message {
    name: "CmdScanWifiStart",
    fields: &[
        Field { number: 1, name: "blocking", kind: Kind::Bool, repeated: false, optional: false, secret: false },
        Field { number: 2, name: "passive", kind: Kind::Bool, repeated: false, optional: false, secret: false },
        Field { number: 3, name: "group_channels", kind: Kind::Uint32, repeated: false, optional: false, secret: false },
        Field { number: 4, name: "period_ms", kind: Kind::Uint32, repeated: false, optional: false, secret: false },
    ],
};

pub(crate) static CMD_SCAN_THREAD_START: Message = Message {
    name: "CmdScanThreadStart",
    fields: &[
        Field { number: 1, name: "blocking", kind: Kind::Bool, repeated: false, optional: false, secret: false },
        Field { number: 2, name: "channel_mask", kind: Kind::Uint32, repeated: false, optional: false, secret: false },
    ],
};

pub(crate) static RESP_SCAN_WIFI_START: Message = Message {
    name: "RespScanWifiStart",
    fields: &[
    ],
};

pub(crate) static RESP_SCAN_THREAD_START: Message = Message {
    name: "RespScanThreadStart",
    fields: &[
    ],
};

pub(crate) static CMD_SCAN_WIFI_STATUS: Message = Message {
    name: "CmdScanWifiStatus",
    fields: &[
    ],
};

pub(crate) static CMD_SCAN_THREAD_STATUS: Message = Message {
    name: "CmdScanThreadStatus",
    fields: &[
    ],
};

pub(crate) static RESP_SCAN_WIFI_STATUS: Message = Message {
    name: "RespScanWifiStatus",
    fields: &[
        Field { number: 1, name: "scan_finished", kind: Kind::Bool, repeated: false, optional: false, secret: false },
        Field { number: 2, name: "result_count", kind: Kind::Uint32, repeated: false, optional: false, secret: false },
    ],
};

pub(crate) static RESP_SCAN_THREAD_STATUS: Message = Message {
    name: "RespScanThreadStatus",
    fields: &[
        Field { number: 1, name: "scan_finished", kind: Kind::Bool, repeated: false, optional: false, secret: false },
        Field { number: 2, name: "result_count", kind: Kind::Uint32, repeated: false, optional: false, secret: false },
    ],
};

pub(crate) static CMD_SCAN_WIFI_RESULT: Message = Message {
    name: "CmdScanWifiResult",
    fields: &[
        Field { number: 1, name: "start_index", kind: Kind::Uint32, repeated: false, optional: false, secret: false },
        Field { number: 2, name: "count", kind: Kind::Uint32, repeated: false, optional: false, secret: false },
    ],
};

pub(crate) static CMD_SCAN_THREAD_RESULT: Message = Message {
    name: "CmdScanThreadResult",
    fields: &[
        Field { number: 1, name: "start_index", kind: Kind::Uint32, repeated: false, optional: false, secret: false },
        Field { number: 2, name: "count", kind: Kind::Uint32, repeated: false, optional: false, secret: false },
    ],
};

pub(crate) static WI_FI_SCAN_RESULT: Message = Message {
    name: "WiFiScanResult",
    fields: &[
        Field { number: 1, name: "ssid", kind: Kind::Bytes, repeated: false, optional: false, secret: false },
        Field { number: 2, name: "channel", kind: Kind::Uint32, repeated: false, optional: false, secret: false },
        Field { number: 3, name: "rssi", kind: Kind::Int32, repeated: false, optional: false, secret: false },
        Field { number: 4, name: "bssid", kind: Kind::Bytes, repeated: false, optional: false, secret: false },
        Field { number: 5, name: "auth", kind: Kind::Enum(&WIFI_AUTH_MODE), repeated: false, optional: false, secret: false },
    ],
};

pub(crate) static THREAD_SCAN_RESULT: Message = Message {
    name: "ThreadScanResult",
    fields: &[
        Field { number: 1, name: "pan_id", kind: Kind::Uint32, repeated: false, optional: false, secret: false },
        Field { number: 2, name: "channel", kind: Kind::Uint32, repeated: false, optional: false, secret: false },
        Field { number: 3, name: "rssi", kind: Kind::Int32, repeated: false, optional: false, secret: false },
        Field { number: 4, name: "lqi", kind: Kind::Uint32, repeated: false, optional: false, secret: false },
        Field { number: 5, name: "ext_addr", kind: Kind::Bytes, repeated: false, optional: false, secret: false },
        Field { number: 6, name: "network_name", kind: Kind::Text, repeated: false, optional: false, secret: false },
        Field { number: 7, name: "ext_pan_id", kind: Kind::Bytes, repeated: false, optional: false, secret: false },
    ],
};

pub(crate) static RESP_SCAN_WIFI_RESULT: Message = Message {
    name: "RespScanWifiResult",
    fields: &[
        Field { number: 1, name: "entries", kind: Kind::Message(&WI_FI_SCAN_RESULT), repeated: true, optional: false, secret: false },
    ],
};

pub(crate) static RESP_SCAN_THREAD_RESULT: Message = Message {
    name: "RespScanThreadResult",
    fields: &[
        Field { number: 1, name: "entries", kind: Kind::Message(&THREAD_SCAN_RESULT), repeated: true, optional: false, secret: false },
    ],
};

pub(crate) static NETWORK_SCAN_PAYLOAD: Message = Message {
    name: "NetworkScanPayload",
    fields: &[
        Field { number: 1, name: "msg", kind: Kind::Enum(&NETWORK_SCAN_MSG_TYPE), repeated: false, optional: false, secret: false },
        Field { number: 2, name: "status", kind: Kind::Enum(&STATUS), repeated: false, optional: false, secret: false },
        Field { number: 10, name: "cmd_scan_wifi_start", kind: Kind::Message(&CMD_SCAN_WIFI_START), repeated: false, optional: true, secret: false },
        Field { number: 11, name: "resp_scan_wifi_start", kind: Kind::Message(&RESP_SCAN_WIFI_START), repeated: false, optional: true, secret: false },
        Field { number: 12, name: "cmd_scan_wifi_status", kind: Kind::Message(&CMD_SCAN_WIFI_STATUS), repeated: false, optional: true, secret: false },
        Field { number: 13, name: "resp_scan_wifi_status", kind: Kind::Message(&RESP_SCAN_WIFI_STATUS), repeated: false, optional: true, secret: false },
        Field { number: 14, name: "cmd_scan_wifi_result", kind: Kind::Message(&CMD_SCAN_WIFI_RESULT), repeated: false, optional: true, secret: false },
        Field { number: 15, name: "resp_scan_wifi_result", kind: Kind::Message(&RESP_SCAN_WIFI_RESULT), repeated: false, optional: true, secret: false },
        Field { number: 16, name: "cmd_scan_thread_start", kind: Kind::Message(&CMD_SCAN_THREAD_START), repeated: false, optional: true, secret: false },
        Field { number: 17, name: "resp_scan_thread_start", kind: Kind::Message(&RESP_SCAN_THREAD_START), repeated: false, optional: true, secret: false },
        Field { number: 18, name: "cmd_scan_thread_status", kind: Kind::Message(&CMD_SCAN_THREAD_STATUS), repeated: false, optional: true, secret: false },
        Field { number: 19, name: "resp_scan_thread_status", kind: Kind::Message(&RESP_SCAN_THREAD_STATUS), repeated: false, optional: true, secret: false },
        Field { number: 20, name: "cmd_scan_thread_result", kind: Kind::Message(&CMD_SCAN_THREAD_RESULT), repeated: false, optional: true, secret: false },
        Field { number: 21, name: "resp_scan_thread_result", kind: Kind::Message(&RESP_SCAN_THREAD_RESULT), repeated: false, optional: true, secret: false },
    ],
};

pub(crate) static NETWORK_CTRL_MSG_TYPE: Enum = Enum {
    name: "NetworkCtrlMsgType",
    values: &[
        (0, "TypeCtrlReserved"),
        (1, "TypeCmdCtrlWifiReset"),
        (2, "TypeRespCtrlWifiReset"),
        (3, "TypeCmdCtrlWifiReprov"),
        (4, "TypeRespCtrlWifiReprov"),
        (5, "TypeCmdCtrlThreadReset"),
        (6, "TypeRespCtrlThreadReset"),
        (7, "TypeCmdCtrlThreadReprov"),
        (8, "TypeRespCtrlThreadReprov"),
    ],
};

pub(crate) static CMD_CTRL_WIFI_RESET: Message = Message {
    name: "CmdCtrlWifiReset",
    fields: &[
    ],
};

pub(crate) static RESP_CTRL_WIFI_RESET: Message = Message {
    name: "RespCtrlWifiReset",
    fields: &[
    ],
};

pub(crate) static CMD_CTRL_WIFI_REPROV: Message = Message {
    name: "CmdCtrlWifiReprov",
    fields: &[
    ],
};

pub(crate) static RESP_CTRL_WIFI_REPROV: Message = Message {
    name: "RespCtrlWifiReprov",
    fields: &[
    ],
};

pub(crate) static CMD_CTRL_THREAD_RESET: Message = Message {
    name: "CmdCtrlThreadReset",
    fields: &[
    ],
};

pub(crate) static RESP_CTRL_THREAD_RESET: Message = Message {
    name: "RespCtrlThreadReset",
    fields: &[
    ],
};

pub(crate) static CMD_CTRL_THREAD_REPROV: Message = Message {
    name: "CmdCtrlThreadReprov",
    fields: &[
    ],
};

pub(crate) static RESP_CTRL_THREAD_REPROV: Message = Message {
    name: "RespCtrlThreadReprov",
    fields: &[
    ],
};

pub(crate) static NETWORK_CTRL_PAYLOAD: Message = Message {
    name: "NetworkCtrlPayload",
    fields: &[
        Field { number: 1, name: "msg", kind: Kind::Enum(&NETWORK_CTRL_MSG_TYPE), repeated: false, optional: false, secret: false },
        Field { number: 2, name: "status", kind: Kind::Enum(&STATUS), repeated: false, optional: false, secret: false },
        Field { number: 11, name: "cmd_ctrl_wifi_reset", kind: Kind::Message(&CMD_CTRL_WIFI_RESET), repeated: false, optional: true, secret: false },
        Field { number: 12, name: "resp_ctrl_wifi_reset", kind: Kind::Message(&RESP_CTRL_WIFI_RESET), repeated: false, optional: true, secret: false },
        Field { number: 13, name: "cmd_ctrl_wifi_reprov", kind: Kind::Message(&CMD_CTRL_WIFI_REPROV), repeated: false, optional: true, secret: false },
        Field { number: 14, name: "resp_ctrl_wifi_reprov", kind: Kind::Message(&RESP_CTRL_WIFI_REPROV), repeated: false, optional: true, secret: false },
        Field { number: 15, name: "cmd_ctrl_thread_reset", kind: Kind::Message(&CMD_CTRL_THREAD_RESET), repeated: false, optional: true, secret: false },
        Field { number: 16, name: "resp_ctrl_thread_reset", kind: Kind::Message(&RESP_CTRL_THREAD_RESET), repeated: false, optional: true, secret: false },
        Field { number: 17, name: "cmd_ctrl_thread_reprov", kind: Kind::Message(&CMD_CTRL_THREAD_REPROV), repeated: false, optional: true, secret: false },
        Field { number: 18, name: "resp_ctrl_thread_reprov", kind: Kind::Message(&RESP_CTRL_THREAD_REPROV), repeated: false, optional: true, secret: false },
    ],
};

pub(crate) static CUSTOM_CONFIG_STATUS: Enum = Enum {
    name: "CustomConfigStatus",
    values: &[
        (0, "ConfigSuccess"),
        (1, "ConfigFail"),
    ],
};

pub(crate) static CUSTOM_CONFIG_REQUEST: Message = Message {
    name: "CustomConfigRequest",
    fields: &[
        Field { number: 1, name: "info", kind: Kind::Text, repeated: false, optional: false, secret: true },
        Field { number: 2, name: "version", kind: Kind::Int32, repeated: false, optional: false, secret: false },
    ],
};

pub(crate) static CUSTOM_CONFIG_RESPONSE: Message = Message {
    name: "CustomConfigResponse",
    fields: &[
        Field { number: 1, name: "status", kind: Kind::Enum(&CUSTOM_CONFIG_STATUS), repeated: false, optional: false, secret: false },
        Field { number: 2, name: "dummy", kind: Kind::Int32, repeated: false, optional: false, secret: false },
    ],
};
